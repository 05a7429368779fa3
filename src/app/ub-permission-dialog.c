/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-permission-dialog.h"

#include <glib/gi18n.h>

#include "app/ub-compat.h"
#include "engine/ub-permission-words.h"

#define UB_TYPE_PERMISSION_DIALOG (ub_permission_dialog_get_type ())
G_DECLARE_FINAL_TYPE (UbPermissionDialog, ub_permission_dialog, UB, PERMISSION_DIALOG, GtkWindow)

/* somebody may put the rule in place in a terminal */
#define LOOK_S 1
/* a phone that is plugged in is let in a moment after the rule is there */
#define SETTLE_US (3 * G_USEC_PER_SEC)

struct _UbPermissionDialog
{
  GtkWindow parent_instance;

  /* template */
  GtkImage      *icon;
  GtkLabel      *heading;
  GtkLabel      *text;
  GtkWidget     *allow_box;
  GtkWidget     *allow;
  GtkSpinner    *spinner;
  GtkWidget     *line_box;
  GtkLabel      *line_title;
  GtkTextBuffer *line;
  GtkWidget     *copy;
  GtkLabel      *copied;
  GtkLabel      *trouble;
  GtkWidget     *close;

  UbLinkSource *source;      /* (owned) */
  UbPermission *permission;  /* (owned) (nullable): as last seen */
  GHashTable   *accesses;    /* port → UbAccess of what is on the cable */
  GCancellable *cancellable; /* (owned) (nullable): while the computer asks for the password */
  gint64        settle_us;  /* until then a phone may still be closed; 0: was fine from the start */
  gboolean      was_closed; /* a phone has been closed to us since this was opened */
  guint         subscription;
  guint         look_id;
};

G_DEFINE_FINAL_TYPE (UbPermissionDialog, ub_permission_dialog, GTK_TYPE_WINDOW)

/* --- what is known --- */

/* of several phones, that of the one that is worst off */
static UbAccess
get_access (UbPermissionDialog *self)
{
  static const UbAccess order[] = { UB_ACCESS_DENIED, UB_ACCESS_BUSY, UB_ACCESS_OK };
  GHashTableIter        iter;
  gpointer              value;

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      g_hash_table_iter_init (&iter, self->accesses);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        if (GPOINTER_TO_INT (value) == (int) order[i])
          return order[i];
    }
  return UB_ACCESS_UNKNOWN;
}

static gboolean
is_fine (const UbPermission *permission)
{
  return permission != NULL && permission->state == UB_PERMISSION_FINE;
}

/* a label that is set to what it says already would be announced again */
static gboolean
set_text (GtkLabel *label, const char *text)
{
  gboolean is_new = !g_str_equal (gtk_label_get_label (label), text);

  if (is_new)
    gtk_label_set_label (label, text);
  gtk_widget_set_visible (GTK_WIDGET (label), *text != '\0');
  return is_new;
}

static void
take_permission (UbPermissionDialog *self)
{
  UbPermission *now = ub_link_source_dup_permission (self->source);

  if (self->permission != NULL && !is_fine (self->permission) && is_fine (now))
    {
      self->settle_us = g_get_monotonic_time () + SETTLE_US;
      set_text (self->trouble, "");
    }
  g_clear_pointer (&self->permission, ub_permission_free);
  self->permission = now;
}

/* --- what is shown --- */

static void
set_line (UbPermissionDialog *self, const char *line)
{
  g_autofree char *old = NULL;

  g_object_get (self->line, "text", &old, NULL);
  if (g_strcmp0 (old, line) != 0)
    gtk_text_buffer_set_text (self->line, line, -1);
}

static void
show_step (UbPermissionDialog *self, gboolean has_step)
{
  gboolean may_install = has_step && self->permission->may_install;

  gtk_widget_set_visible (self->allow_box, may_install);
  gtk_widget_set_sensitive (self->allow, self->cancellable == NULL);
  gtk_spinner_set_spinning (self->spinner, self->cancellable != NULL);
  gtk_widget_set_visible (self->line_box, has_step);
  gtk_label_set_label (self->line_title,
                       may_install
                           ? _ ("Or run this line in a terminal:")
                           : _ ("Run this line once in a terminal; it asks for your password:"));
  if (has_step)
    set_line (self, self->permission->command);
}

/* what has just been put right is said so, and not before the phone, too, is let in */
static void
choose_words (UbPermissionDialog *self, UbPermissionWords *words)
{
  const char *done = _ ("Done: this computer lets Unbrick talk to phones");
  UbAccess    access = get_access (self);

  ub_permission_words_get (self->permission, access, words);
  /* nobody sees the rule from a sandbox; that the phone opens is how we know */
  if (self->was_closed && words->is_good && self->permission != NULL &&
      self->permission->state == UB_PERMISSION_UNKNOWN)
    words->title = done;
  if (!is_fine (self->permission) || self->settle_us == 0)
    return;
  if (access == UB_ACCESS_DENIED && g_get_monotonic_time () < self->settle_us)
    *words =
        (UbPermissionWords){ _ ("The permission is in place. Looking whether the phone opens…"),
                             "",
                             TRUE,
                             FALSE };
  else if (words->is_good && !gtk_widget_get_visible (GTK_WIDGET (self->trouble)))
    words->title = done;
}

static void
show (UbPermissionDialog *self)
{
  UbPermissionWords words;

  choose_words (self, &words);
  gtk_image_set_from_icon_name (self->icon,
                                words.is_good ? "object-select-symbolic"
                                              : "changes-prevent-symbolic");
  set_text (self->text, words.text);
  show_step (self, words.has_step);
  if (set_text (self->heading, words.title) && gtk_widget_get_mapped (GTK_WIDGET (self)))
    ub_compat_announce (GTK_WIDGET (self), words.title);
}

static gboolean
look_cb (gpointer user_data)
{
  UbPermissionDialog *self = user_data;

  take_permission (self);
  show (self);
  return G_SOURCE_CONTINUE;
}

static void
on_sighting (const UbSighting *sighting, gpointer user_data)
{
  UbPermissionDialog *self = user_data;
  const char         *port = sighting->port != NULL ? sighting->port : "";

  if (sighting->present && sighting->access != UB_ACCESS_UNKNOWN)
    g_hash_table_replace (self->accesses, g_strdup (port), GINT_TO_POINTER (sighting->access));
  else
    g_hash_table_remove (self->accesses, port);
  self->was_closed |= sighting->present && sighting->access == UB_ACCESS_DENIED;
  take_permission (self);
  show (self);
}

/* the keyboard is where the next step is */
static void
focus_step (UbPermissionDialog *self)
{
  if (gtk_widget_get_visible (self->allow_box))
    gtk_widget_grab_focus (self->allow);
  else if (gtk_widget_get_visible (self->line_box))
    gtk_widget_grab_focus (self->copy);
  else
    gtk_widget_grab_focus (self->close);
}

/* --- what is done --- */

static void
cured_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GWeakRef *dialog = user_data;
  g_autoptr (UbPermissionDialog) self = g_weak_ref_get (dialog);
  g_autoptr (GError) error = NULL;
  gboolean ok = ub_link_source_cure_finish (UB_LINK_SOURCE (source), result, &error);

  g_weak_ref_clear (dialog);
  g_free (dialog);
  /* closed meanwhile */
  if (self == NULL || self->source == NULL)
    return;
  g_clear_object (&self->cancellable);
  if (!ok)
    g_message ("%s", error->message);
  take_permission (self);
  set_text (self->trouble, ok ? "" : ub_permission_words_for_error (error));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->trouble), ok ? NULL : error->message);
  show (self);
  focus_step (self);
}

static void
allow_cb (UbPermissionDialog *self)
{
  GWeakRef *dialog;

  if (self->cancellable != NULL)
    return;
  dialog = g_new0 (GWeakRef, 1);
  g_weak_ref_init (dialog, self);
  self->cancellable = g_cancellable_new ();
  set_text (self->trouble, "");
  show (self);
  ub_link_source_cure_async (self->source, self->cancellable, cured_cb, dialog);
}

static void
copy_cb (UbPermissionDialog *self)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self));

  gdk_clipboard_set_text (clipboard, self->permission->command);
  set_text (self->copied, _ ("Copied."));
  ub_compat_announce (GTK_WIDGET (self), _ ("Copied."));
}

/* --- life --- */

static void
ub_permission_dialog_dispose (GObject *object)
{
  UbPermissionDialog *self = UB_PERMISSION_DIALOG (object);

  g_clear_handle_id (&self->look_id, g_source_remove);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->source != NULL)
    ub_link_source_unsubscribe (self->source, self->subscription);
  g_clear_object (&self->source);
  g_clear_pointer (&self->permission, ub_permission_free);
  g_clear_pointer (&self->accesses, g_hash_table_unref);
  G_OBJECT_CLASS (ub_permission_dialog_parent_class)->dispose (object);
}

static void
ub_permission_dialog_class_init (UbPermissionDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_permission_dialog_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/unbrick/Unbrick/ui/ub-permission-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, UbPermissionDialog, icon);
  gtk_widget_class_bind_template_child (widget_class, UbPermissionDialog, heading);
  gtk_widget_class_bind_template_child (widget_class, UbPermissionDialog, text);
  gtk_widget_class_bind_template_child (widget_class, UbPermissionDialog, allow_box);
  gtk_widget_class_bind_template_child (widget_class, UbPermissionDialog, allow);
  gtk_widget_class_bind_template_child (widget_class, UbPermissionDialog, spinner);
  gtk_widget_class_bind_template_child (widget_class, UbPermissionDialog, line_box);
  gtk_widget_class_bind_template_child (widget_class, UbPermissionDialog, line_title);
  gtk_widget_class_bind_template_child (widget_class, UbPermissionDialog, line);
  gtk_widget_class_bind_template_child (widget_class, UbPermissionDialog, copy);
  gtk_widget_class_bind_template_child (widget_class, UbPermissionDialog, copied);
  gtk_widget_class_bind_template_child (widget_class, UbPermissionDialog, trouble);
  gtk_widget_class_bind_template_child (widget_class, UbPermissionDialog, close);
  gtk_widget_class_bind_template_callback (widget_class, allow_cb);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ub_permission_dialog_init (UbPermissionDialog *self)
{
  self->accesses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
ub_permission_dialog_present (GtkWindow *parent, UbLinkSource *source)
{
  UbPermissionDialog *self = g_object_new (UB_TYPE_PERMISSION_DIALOG,
                                           "transient-for",
                                           parent,
                                           "destroy-with-parent",
                                           TRUE,
                                           NULL);

  self->source = g_object_ref (source);
  self->subscription = ub_link_source_subscribe (source, NULL, on_sighting, self);
  self->look_id = g_timeout_add_seconds (LOOK_S, look_cb, self);
  take_permission (self);
  show (self);
  focus_step (self);
  gtk_window_present (GTK_WINDOW (self));
}
