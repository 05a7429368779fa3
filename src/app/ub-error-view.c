/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-error-view.h"

#include <glib/gi18n.h>

#include "app/ub-name.h"
#include "app/ub-steps.h"
#include "base/ub-error.h"
#include "base/ub-place.h"
#include "engine/ub-advice.h"

struct _UbErrorView
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget     *scrolled;
  GtkLabel      *title;
  GtkLabel      *explanation;
  GtkGrid       *actions;
  GtkButton     *likely;
  GtkTextBuffer *buffer;
  GtkExpander   *expander;

  char    *journal;     /* (nullable): the job that can go on */
  gboolean wants_files; /* the maker's, and none was chosen since */
  guint    scroll_id;
};

G_DEFINE_FINAL_TYPE (UbErrorView, ub_error_view, GTK_TYPE_WIDGET)

/* no name with another one's target: GTK would complain. @target (nullable) */
static void
set_action (UbErrorView *self, const char *action, GVariant *target)
{
  GtkActionable *button = GTK_ACTIONABLE (self->likely);

  gtk_actionable_set_action_name (button, NULL);
  gtk_actionable_set_action_target_value (button, target);
  gtk_actionable_set_action_name (button, action);
}

/* the button for the most likely cure */
static void
choose_button (UbErrorView *self, const GError *error)
{
  const char *action = "session.again", *label = _ ("_Try Again");

  switch (error->domain == UB_ERROR ? error->code : -1)
    {
    case UB_ERROR_NO_AGENT:
    case UB_ERROR_BAD_AGENT:
    case UB_ERROR_AGENT_REFUSED:
      action = "win.choose-agent";
      label = _ ("_Choose a Download Agent…");
      break;
    case UB_ERROR_NEEDS_AUTH:
      action = "win.choose-maker-files";
      label = _ ("_Choose the Maker's Files…");
      break;
    case UB_ERROR_NO_PERMISSION:
      action = "app.help";
      label = _ ("_Show Me How");
      break;
    case UB_ERROR_NOT_A_FIRMWARE:
    case UB_ERROR_BAD_FIRMWARE:
    case UB_ERROR_BAD_ARCHIVE:
    case UB_ERROR_ARCHIVE_PASSWORD:
    case UB_ERROR_UNSAFE_ARCHIVE:
    case UB_ERROR_WRONG_CHIP:
    case UB_ERROR_WRONG_STORAGE:
    case UB_ERROR_WRONG_LAYOUT:
    case UB_ERROR_FILE_MISSING:
    case UB_ERROR_FILE_READ:
    case UB_ERROR_NO_SPACE:
    case UB_ERROR_NO_EMI:
      action = "win.open";
      label = _ ("_Open Another Firmware…");
      break;
    case UB_ERROR_NOT_SHARED:
      action = "win.open";
      label = _ ("Choose the _Folder…");
      break;
    default:
      break;
    }
  set_action (self, action, NULL);
  gtk_button_set_label (self->likely, label);
}

static void
show_details (UbErrorView *self, const GError *error, const UbAdvice *advice, const char *details)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const char      *name = error->domain == UB_ERROR ? ub_error_to_string (error->code)
                                                    : g_quark_to_string (error->domain);
  g_autofree char *message = ub_place_dup_shown_text (error->message);

  /* never translated: this is for whoever helps */
  g_string_append_printf (text, "%s: %s\n", name, message);
  if (advice->spft != NULL)
    g_string_append_printf (text, "SP Flash Tool: %s\n", advice->spft);
  g_string_append (text, "Unbrick " PACKAGE_VERSION "\n");
  if (details != NULL)
    g_string_append_printf (text, "\n%s\n", details);
  gtk_text_buffer_set_text (self->buffer, text->str, -1);
}

void
ub_error_view_set (UbErrorView *self, const GError *error, gboolean written, const char *details)
{
  const UbAdvice *advice = ub_advice_for_error (error, written);

  gtk_label_set_label (self->title, advice->title);
  gtk_label_set_label (self->explanation, advice->explanation);
  ub_steps_fill (self->actions, advice->actions);
  gtk_expander_set_expanded (self->expander, FALSE);
  choose_button (self, error);
  show_details (self, error, advice, details);
  g_clear_pointer (&self->journal, g_free);
  self->wants_files = g_error_matches (error, UB_ERROR, UB_ERROR_NEEDS_AUTH);
}

void
ub_error_view_set_go_on (UbErrorView *self, const char *journal)
{
  g_free (self->journal);
  self->journal = g_strdup (journal);
  /* it would only come to the same end without them */
  if (self->wants_files)
    return;
  set_action (self, "session.go-on", g_variant_new_string (journal));
  gtk_button_set_label (self->likely, _ ("_Go On"));
}

void
ub_error_view_set_again (UbErrorView *self)
{
  g_autofree char *journal = g_strdup (self->journal);

  self->wants_files = FALSE;
  if (journal != NULL)
    {
      ub_error_view_set_go_on (self, journal);
      return;
    }
  set_action (self, "session.again", NULL);
  gtk_button_set_label (self->likely, _ ("_Try Again"));
}

gboolean
ub_error_view_goes_on (UbErrorView *self)
{
  return self->journal != NULL && !self->wants_files;
}

const char *
ub_error_view_get_title (UbErrorView *self)
{
  return gtk_label_get_label (self->title);
}

char *
ub_error_view_dup_text (UbErrorView *self)
{
  GtkTextIter      begin, end;
  g_autofree char *details = NULL;

  gtk_text_buffer_get_bounds (self->buffer, &begin, &end);
  details = gtk_text_buffer_get_text (self->buffer, &begin, &end, FALSE);
  return g_strdup_printf ("%s\n%s\n\n%s",
                          gtk_label_get_label (self->title),
                          gtk_label_get_label (self->explanation),
                          details);
}

static gboolean
scroll_cb (gpointer data)
{
  UbErrorView   *self = data;
  GtkAdjustment *adjustment =
      gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scrolled));

  self->scroll_id = 0;
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment));
  return G_SOURCE_REMOVE;
}

/* what is unfolded below the edge would not be seen; after the layout, which has the last word */
static void
height_cb (UbErrorView *self)
{
  if (gtk_expander_get_expanded (self->expander) && self->scroll_id == 0)
    self->scroll_id = g_idle_add (scroll_cb, self);
}

static void
ub_error_view_dispose (GObject *object)
{
  UbErrorView *self = UB_ERROR_VIEW (object);

  g_clear_handle_id (&self->scroll_id, g_source_remove);
  g_clear_pointer (&self->scrolled, gtk_widget_unparent);
  G_OBJECT_CLASS (ub_error_view_parent_class)->dispose (object);
}

static void
ub_error_view_finalize (GObject *object)
{
  UbErrorView *self = UB_ERROR_VIEW (object);

  g_free (self->journal);
  G_OBJECT_CLASS (ub_error_view_parent_class)->finalize (object);
}

static void
ub_error_view_class_init (UbErrorViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_error_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = ub_error_view_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-error-view.ui");
  gtk_widget_class_bind_template_child (widget_class, UbErrorView, scrolled);
  gtk_widget_class_bind_template_child (widget_class, UbErrorView, title);
  gtk_widget_class_bind_template_child (widget_class, UbErrorView, explanation);
  gtk_widget_class_bind_template_child (widget_class, UbErrorView, actions);
  gtk_widget_class_bind_template_child (widget_class, UbErrorView, likely);
  gtk_widget_class_bind_template_child (widget_class, UbErrorView, buffer);
  gtk_widget_class_bind_template_child (widget_class, UbErrorView, expander);
}

static void
ub_error_view_init (UbErrorView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ub_name_expander (self->expander);
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (
                               GTK_SCROLLED_WINDOW (self->scrolled)),
                           "changed",
                           G_CALLBACK (height_cb),
                           self,
                           G_CONNECT_SWAPPED);
}
