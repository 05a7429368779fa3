/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-fit-light.h"

#include <glib/gi18n.h>

struct _UbFitLight
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget *box;
  GtkWidget *light;
  GtkLabel  *words;
  GtkLabel  *reasons;
};

G_DEFINE_FINAL_TYPE (UbFitLight, ub_fit_light, GTK_TYPE_WIDGET)

static const char *const light_classes[] = { NULL, "green", "amber", "red" };

static const char *
get_words (UbFit fit)
{
  switch (fit)
    {
    case UB_FIT_UNKNOWN:
      break;
    case UB_FIT_GREEN:
      return _ ("Green: the firmware fits this phone");
    case UB_FIT_AMBER:
      return _ ("Amber: look before you go on");
    case UB_FIT_RED:
      return _ ("Red: this may harm the phone");
    }
  return "";
}

static char *
dup_reasons (UbPlan *plan)
{
  g_autoptr (GPtrArray) reasons = ub_plan_get_fit_reasons (plan);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < reasons->len; i++)
    {
      const UbIssue *issue = g_ptr_array_index (reasons, i);

      g_string_append_printf (text, "%s• %s", i > 0 ? "\n" : "", issue->text);
    }
  return g_strdup (text->str);
}

/* where nothing of a firmware is written there is nothing that fits */
static UbFit
get_fit (UbPlan *plan)
{
  UbFit fit = plan != NULL ? ub_plan_get_fit (plan) : UB_FIT_UNKNOWN;

  return fit == UB_FIT_GREEN && ub_plan_get_firmware (plan) == NULL ? UB_FIT_UNKNOWN : fit;
}

void
ub_fit_light_set_plan (UbFitLight *self, UbPlan *plan)
{
  UbFit            fit = get_fit (plan);
  const char      *words = get_words (fit);
  g_autofree char *reasons = fit != UB_FIT_UNKNOWN ? dup_reasons (plan) : g_strdup ("");

  for (guint i = UB_FIT_GREEN; i < G_N_ELEMENTS (light_classes); i++)
    if (i == fit)
      gtk_widget_add_css_class (self->light, light_classes[i]);
    else
      gtk_widget_remove_css_class (self->light, light_classes[i]);
  if (!g_str_equal (gtk_label_get_label (self->words), words))
    gtk_label_set_label (self->words, words);
  gtk_label_set_label (self->reasons, reasons);
  gtk_widget_set_visible (GTK_WIDGET (self->reasons), *reasons != '\0');
  gtk_widget_set_visible (GTK_WIDGET (self), fit != UB_FIT_UNKNOWN);
}

static void
ub_fit_light_dispose (GObject *object)
{
  UbFitLight *self = UB_FIT_LIGHT (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (ub_fit_light_parent_class)->dispose (object);
}

static void
ub_fit_light_class_init (UbFitLightClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_fit_light_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-fit-light.ui");
  gtk_widget_class_bind_template_child (widget_class, UbFitLight, box);
  gtk_widget_class_bind_template_child (widget_class, UbFitLight, light);
  gtk_widget_class_bind_template_child (widget_class, UbFitLight, words);
  gtk_widget_class_bind_template_child (widget_class, UbFitLight, reasons);
}

static void
ub_fit_light_init (UbFitLight *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
