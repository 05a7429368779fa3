/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-mode-box.h"

#include <glib/gi18n.h>

#include "app/ub-name.h"
#include "app/ub-settings.h"

struct _UbModeBox
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget      *box;
  GtkDropDown    *mode_drop_down;
  GtkLabel       *sentence;
  GtkWidget      *warning;
  GtkLabel       *lost;
  GtkLabel       *keeps;
  GtkWidget      *expander;
  GtkCheckButton *verify_all;
  GtkCheckButton *both_slots;
  GtkDropDown    *preloader_drop_down;

  GSettings *settings; /* (owned) (nullable) */
  UbMode     mode;
  gboolean   filling; /* the drop-downs are being set by us */
};

G_DEFINE_FINAL_TYPE (UbModeBox, ub_mode_box, GTK_TYPE_WIDGET)

/* as they stand in the drop-downs */
static const UbMode          modes[] = { UB_MODE_DOWNLOAD_ONLY,
                                         UB_MODE_FIRMWARE_UPGRADE,
                                         UB_MODE_FORMAT_ALL,
                                         UB_MODE_REPAIR };
static const UbPreloaderRule rules[] = { UB_PRELOADER_AUTO, UB_PRELOADER_WRITE, UB_PRELOADER_SKIP };

static const char *
get_rule_title (UbPreloaderRule rule)
{
  switch (rule)
    {
    case UB_PRELOADER_AUTO:
      return _ ("Written if it differs");
    case UB_PRELOADER_WRITE:
      return _ ("Always written");
    case UB_PRELOADER_SKIP:
      return _ ("Never written");
    }
  return "";
}

/* where something is lost, the warning says it in the sentence's place */
static void
show_mode (UbModeBox *self)
{
  gboolean warns = ub_mode_is_destructive (self->mode) && *gtk_label_get_label (self->lost) != '\0';

  gtk_label_set_label (self->sentence, ub_mode_get_sentence (self->mode));
  gtk_widget_set_visible (GTK_WIDGET (self->sentence), !warns);
  gtk_widget_set_visible (self->warning, warns);
}

static void
mode_cb (UbModeBox *self)
{
  guint selected = gtk_drop_down_get_selected (self->mode_drop_down);

  if (self->filling || selected >= G_N_ELEMENTS (modes))
    return;
  self->mode = modes[selected];
  /* nobody begins the next day with a mode that erases */
  if (!ub_mode_is_destructive (self->mode))
    ub_settings_set_string (self->settings, "mode", ub_mode_to_string (self->mode));
  show_mode (self);
  g_signal_emit_by_name (self, "changed");
}

static void
choice_cb (UbModeBox *self)
{
  if (!self->filling)
    g_signal_emit_by_name (self, "changed");
}

void
ub_mode_box_set_mode (UbModeBox *self, UbMode mode)
{
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    if (modes[i] == mode)
      gtk_drop_down_set_selected (self->mode_drop_down, i);
}

void
ub_mode_box_set_settings (UbModeBox *self, GSettings *settings)
{
  g_autofree char *name = ub_settings_dup_string (settings, "mode");
  UbMode           mode;

  g_set_object (&self->settings, settings);
  if (ub_mode_from_string (name, &mode) && !ub_mode_is_destructive (mode))
    ub_mode_box_set_mode (self, mode);
}

UbMode
ub_mode_box_get_mode (UbModeBox *self)
{
  return self->mode;
}

void
ub_mode_box_fill_choice (UbModeBox *self, UbPlanChoice *choice)
{
  guint rule = gtk_drop_down_get_selected (self->preloader_drop_down);

  choice->mode = self->mode;
  choice->verify_all = gtk_check_button_get_active (self->verify_all);
  choice->slots = gtk_widget_get_visible (GTK_WIDGET (self->both_slots)) &&
                          gtk_check_button_get_active (self->both_slots)
                      ? UB_SLOTS_BOTH
                      : UB_SLOTS_ACTIVE;
  choice->preloader = rule < G_N_ELEMENTS (rules) ? rules[rule] : UB_PRELOADER_AUTO;
}

void
ub_mode_box_set_words (UbModeBox *self, const char *lost, const char *keeps)
{
  gtk_label_set_label (self->lost, lost);
  gtk_label_set_label (self->keeps, keeps);
  gtk_widget_set_visible (GTK_WIDGET (self->keeps), *keeps != '\0');
  show_mode (self);
}

void
ub_mode_box_set_slots (UbModeBox *self, gboolean slots)
{
  gtk_widget_set_visible (GTK_WIDGET (self->both_slots), slots);
}

void
ub_mode_box_set_locked (UbModeBox *self, gboolean locked)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->mode_drop_down), !locked);
  gtk_widget_set_sensitive (self->expander, !locked);
}

static void
fill (UbModeBox *self)
{
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);
  g_autoptr (GtkStringList) words = gtk_string_list_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    gtk_string_list_append (titles, ub_mode_get_title (modes[i]));
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    gtk_string_list_append (words, get_rule_title (rules[i]));
  self->filling = TRUE;
  gtk_drop_down_set_model (self->mode_drop_down, G_LIST_MODEL (titles));
  gtk_drop_down_set_model (self->preloader_drop_down, G_LIST_MODEL (words));
  self->filling = FALSE;
}

static void
ub_mode_box_dispose (GObject *object)
{
  UbModeBox *self = UB_MODE_BOX (object);

  g_clear_object (&self->settings);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (ub_mode_box_parent_class)->dispose (object);
}

static void
ub_mode_box_class_init (UbModeBoxClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_mode_box_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-mode-box.ui");
  gtk_widget_class_bind_template_child (widget_class, UbModeBox, box);
  gtk_widget_class_bind_template_child (widget_class, UbModeBox, mode_drop_down);
  gtk_widget_class_bind_template_child (widget_class, UbModeBox, sentence);
  gtk_widget_class_bind_template_child (widget_class, UbModeBox, warning);
  gtk_widget_class_bind_template_child (widget_class, UbModeBox, lost);
  gtk_widget_class_bind_template_child (widget_class, UbModeBox, keeps);
  gtk_widget_class_bind_template_child (widget_class, UbModeBox, expander);
  gtk_widget_class_bind_template_child (widget_class, UbModeBox, verify_all);
  gtk_widget_class_bind_template_child (widget_class, UbModeBox, both_slots);
  gtk_widget_class_bind_template_child (widget_class, UbModeBox, preloader_drop_down);
  gtk_widget_class_bind_template_callback (widget_class, mode_cb);
  gtk_widget_class_bind_template_callback (widget_class, choice_cb);
  g_signal_new ("changed",
                UB_TYPE_MODE_BOX,
                G_SIGNAL_RUN_LAST,
                0,
                NULL,
                NULL,
                NULL,
                G_TYPE_NONE,
                0);
}

static void
ub_mode_box_init (UbModeBox *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->mode = UB_MODE_DOWNLOAD_ONLY;
  fill (self);
  show_mode (self);
  /* newer GTK has it called by what is chosen, not by its label */
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (self->mode_drop_down),
                                 GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  ub_name_inner (GTK_WIDGET (self->mode_drop_down), _ ("Mode"));
  ub_name_inner (GTK_WIDGET (self->preloader_drop_down), _ ("Preloader"));
  ub_name_expander (GTK_EXPANDER (self->expander));
}
