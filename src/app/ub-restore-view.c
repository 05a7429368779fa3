/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-restore-view.h"

#include <glib/gi18n.h>

#include "app/ub-compat.h"
#include "app/ub-copies.h"
#include "app/ub-copy-list.h"
#include "app/ub-parts-list.h"
#include "app/ub-save-bar.h"
#include "app/ub-stack.h"
#include "app/ub-words.h"
#include "base/ub-place.h"
#include "engine/ub-advice.h"

typedef enum
{
  CHECK_NONE,
  CHECK_RUNNING,
  CHECK_GOOD,
  CHECK_BAD,
} Check;

struct _UbRestoreView
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget      *box;
  UbSaveBar      *save_bar;
  GtkStack       *stack;
  UbCopyList     *copies;
  GtkLabel       *open_trouble;
  GtkLabel       *title;
  GtkLabel       *kind;
  GtkWidget      *open_firmware;
  GtkWidget      *save;
  GtkLabel       *line;
  GtkLabel       *folder;
  GtkImage       *check_icon;
  GtkLabel       *check_label;
  GtkProgressBar *check_bar;
  UbPartsList    *parts;
  GtkLabel       *reason;

  UbApplication *application; /* borrowed */
  UbWindowWatch *watch;       /* borrowed */
  UbBackup      *backup;      /* (nullable) */
  Check          check;
  gboolean       restore; /* put back as soon as it is checked */
  UbPhoneInfo   *phone;   /* borrowed, to compare: what the locks were made for */
  gboolean       expert;

  /* while it is opened or checked */
  GCancellable *cancellable;
  int          *permille;
  guint         tick_id;
};

G_DEFINE_FINAL_TYPE (UbRestoreView, ub_restore_view, GTK_TYPE_WIDGET)

static GtkWindow *
get_window (UbRestoreView *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL;
}

/* --- parts --- */

static gboolean
is_foreign (UbRestoreView *self)
{
  UbPhoneInfo *phone = ub_window_watch_get_phone (self->watch);

  return phone != NULL && ub_backup_is_from (self->backup, phone) == UB_SAME_PHONE_NO;
}

/* why a part cannot be put back; NULL if it can */
static const char *
get_lock (UbRestoreView *self, const UbBackupPart *part)
{
  gboolean own = part->is_protected || ub_partition_role_for_name (part->name) == UB_ROLE_PROTECTED;

  if (part->is_missing)
    return _ ("Could not be read when the copy was made");
  if (own && is_foreign (self))
    return _ ("Belongs to another phone");
  if (own && ub_backup_get_kind (self->backup) == UB_BACKUP_IMPORTED &&
      !ub_window_watch_is_expert (self->watch))
    return _ ("Nothing says which phone it is from");
  return NULL;
}

static const char *
get_note (const UbBackupPart *part)
{
  if (g_str_equal (part->name, "user"))
    return _ ("All of the main storage");
  if (g_str_equal (part->name, "boot1") || g_str_equal (part->name, "boot2"))
    return _ ("Start-up area, with the preloader");
  if (g_str_has_prefix (part->name, "table"))
    return _ ("The table of parts");
  return part->is_protected ? _ ("Belongs to this phone alone") : "";
}

static void
fill_parts (UbRestoreView *self)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);
  GPtrArray *parts = ub_backup_get_parts (self->backup);

  self->phone = ub_window_watch_get_phone (self->watch);
  self->expert = ub_window_watch_is_expert (self->watch);
  for (guint i = 0; i < parts->len; i++)
    {
      const UbBackupPart *part = g_ptr_array_index (parts, i);
      const char         *lock = get_lock (self, part);

      g_ptr_array_add (rows,
                       ub_part_row_new (part->name,
                                        part->length,
                                        lock != NULL ? lock : get_note (part),
                                        lock != NULL,
                                        TRUE));
    }
  ub_parts_list_set_rows (self->parts, rows, FALSE);
}

/* --- what can be done --- */

static char *
dup_reason (UbRestoreView *self)
{
  guint            n = ub_parts_list_get_n_ticked (self->parts);
  g_autofree char *amount = ub_words_format_amount (ub_parts_list_get_size (self->parts));

  if (self->backup == NULL)
    return g_strdup ("");
  if (self->check == CHECK_BAD)
    return g_strdup (_ ("A damaged copy is not put back."));
  if (self->check != CHECK_GOOD)
    return g_strdup (_ ("The copy is being checked."));
  if (ub_window_watch_is_running (self->watch))
    return g_strdup (_ ("Wait until the present job is over."));
  if (n == 0)
    return g_strdup (_ ("Tick at least one part."));
  /* Translators: "12 parts · 1.3 GB" */
  return g_strdup_printf (ngettext ("%u part · %s", "%u parts · %s", n), n, amount);
}

static void
show_reason (UbRestoreView *self)
{
  g_autofree char *reason = dup_reason (self);

  gtk_label_set_label (self->reason, reason);
  gtk_widget_action_set_enabled (GTK_WIDGET (self),
                                 "restore.start",
                                 self->backup != NULL && self->check == CHECK_GOOD &&
                                     !ub_window_watch_is_running (self->watch) &&
                                     ub_parts_list_get_n_ticked (self->parts) > 0);
}

static void
start (UbRestoreView *self)
{
  UbWindow *window = ub_window_watch_get_window (self->watch);
  gboolean all = ub_parts_list_get_n_ticked (self->parts) == ub_parts_list_get_n_rows (self->parts);
  g_auto (GStrv) names = ub_parts_list_dup_names (self->parts);
  g_autoptr (UbPlan) plan = NULL;

  self->restore = FALSE;
  if (window == NULL || names[0] == NULL || ub_window_is_running (window))
    return;
  plan = ub_plan_new_restore (self->backup,
                              all ? NULL : (const char *const *) names,
                              ub_window_watch_is_expert (self->watch));
  ub_window_start_plan (window, plan);
}

static void
start_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  start (UB_RESTORE_VIEW (widget));
}

/* --- checking --- */

static void
show_check (UbRestoreView *self, Check check, const char *words)
{
  const char *icon = check == CHECK_GOOD  ? "object-select-symbolic"
                     : check == CHECK_BAD ? "dialog-error-symbolic"
                                          : "content-loading-symbolic";

  self->check = check;
  gtk_image_set_from_icon_name (self->check_icon, icon);
  gtk_label_set_label (self->check_label, words);
  gtk_widget_set_visible (GTK_WIDGET (self->check_bar), check == CHECK_RUNNING);
  show_reason (self);
}

static void
stop_check (UbRestoreView *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->tick_id, g_source_remove);
  g_clear_pointer (&self->permille, g_atomic_rc_box_release);
}

static gboolean
tick_cb (gpointer data)
{
  UbRestoreView *self = data;

  gtk_progress_bar_set_fraction (self->check_bar, g_atomic_int_get (self->permille) / 1000.0);
  return G_SOURCE_CONTINUE;
}

static void
verified_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (UbRestoreView) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;
  g_autofree char *why = NULL;
  gboolean         good = ub_copies_verify_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  stop_check (self);
  why = !good ? ub_place_dup_shown_text (error->message) : NULL;
  if (!good)
    /* Translators: %s names the file, in English */
    words = g_strdup_printf (_ ("This copy cannot be used: %s"), why);
  else if (ub_backup_get_kind (self->backup) == UB_BACKUP_IMPORTED)
    words = g_strdup (_ ("Checked: it is complete as far as another tool's copy can tell."));
  else
    words = g_strdup (_ ("Checked: every file is as it was when it was read."));
  show_check (self, good ? CHECK_GOOD : CHECK_BAD, words);
  ub_compat_announce (GTK_WIDGET (self), words);
  if (good && self->restore)
    start (self);
  self->restore = FALSE;
}

static void
begin_check (UbRestoreView *self)
{
  self->cancellable = g_cancellable_new ();
  self->permille = g_atomic_rc_box_new0 (int);
  self->tick_id = g_timeout_add (100, tick_cb, self);
  gtk_progress_bar_set_fraction (self->check_bar, 0);
  show_check (self, CHECK_RUNNING, _ ("Checking every file of the copy…"));
  ub_copies_verify_async (self->backup,
                          self->permille,
                          self->cancellable,
                          verified_cb,
                          g_object_ref (self));
}

/* --- one copy --- */

static const char *
get_kind_text (UbBackup *backup)
{
  if (ub_copies_is_firmware (backup))
    return _ (
        "This looks like a firmware, not like the copy of a phone. To bring a phone back with "
        "it, open it on the Download page: there it is checked whether it fits.");
  switch (ub_backup_get_kind (backup))
    {
    case UB_BACKUP_SAFETY:
      return _ ("A safety copy: what was saved before the phone was written");
    case UB_BACKUP_READBACK:
      return ub_backup_is_whole (backup) ? _ ("A copy of the whole phone")
                                         : _ ("A copy of parts of a phone");
    case UB_BACKUP_IMPORTED:
      return _ ("Made by another tool. Nothing in it tells which phone it is from: put it back "
                "only if you know.");
    }
  return "";
}

static void
show_backup (UbRestoreView *self, UbBackup *backup, gboolean restore)
{
  g_autofree char *title = ub_copies_dup_title (backup);
  g_autofree char *line = ub_copies_dup_line (backup);
  g_autofree char *folder = ub_words_shorten_path (ub_backup_get_folder (backup));

  stop_check (self);
  g_set_object (&self->backup, backup);
  self->restore = restore;
  gtk_label_set_label (self->title, title);
  gtk_label_set_label (self->kind, get_kind_text (backup));
  gtk_widget_set_visible (self->save, ub_backup_get_kind (backup) != UB_BACKUP_IMPORTED);
  gtk_widget_set_visible (self->open_firmware, ub_copies_is_firmware (backup));
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->open_firmware),
                                    "s",
                                    ub_backup_get_folder (backup));
  gtk_label_set_label (self->line, line);
  gtk_label_set_label (self->folder, folder);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->folder), folder);
  fill_parts (self);
  ub_stack_show (self->stack, "copy");
  begin_check (self);
}

static void
back_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  UbRestoreView *self = UB_RESTORE_VIEW (widget);

  stop_check (self);
  self->restore = FALSE;
  g_clear_object (&self->backup);
  self->check = CHECK_NONE;
  ub_stack_show (self->stack, "list");
  show_reason (self);
}

static void
copy_asked_cb (UbRestoreView *self, UbBackup *backup, gboolean restore)
{
  show_backup (self, backup, restore);
}

static void
save_asked_cb (UbRestoreView *self, UbBackup *backup)
{
  ub_save_bar_ask (self->save_bar, backup);
}

static void
save_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  UbRestoreView *self = UB_RESTORE_VIEW (widget);

  if (self->backup != NULL)
    ub_save_bar_ask (self->save_bar, self->backup);
}

static void
show_folder_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  UbRestoreView *self = UB_RESTORE_VIEW (widget);

  if (self->backup != NULL && get_window (self) != NULL)
    ub_compat_show_folder (get_window (self), ub_backup_get_folder (self->backup));
}

/* --- opening --- */

static void
show_open_trouble (UbRestoreView *self, const GError *error)
{
  const UbAdvice  *advice = error != NULL ? ub_advice_for_error (error, FALSE) : NULL;
  g_autofree char *why = error != NULL ? ub_place_dup_shown_text (error->message) : NULL;
  g_autofree char *text =
      /* Translators: what is wrong in words, and in detail in English */
      error != NULL ? g_strdup_printf (_ ("%s: %s"), advice->title, why) : g_strdup ("");

  gtk_label_set_label (self->open_trouble, text);
  gtk_widget_set_visible (GTK_WIDGET (self->open_trouble), error != NULL);
  if (error != NULL)
    ub_compat_announce (GTK_WIDGET (self), text);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (UbRestoreView) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (UbBackup) backup = ub_copies_open_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (backup != NULL)
    {
      show_open_trouble (self, NULL);
      show_backup (self, backup, self->restore);
      return;
    }
  stop_check (self);
  ub_stack_show (self->stack, "list");
  show_open_trouble (self, error);
}

void
ub_restore_view_open (UbRestoreView *self, const char *path, gboolean restore)
{
  stop_check (self);
  self->restore = restore;
  self->cancellable = g_cancellable_new ();
  ub_copies_open_async (path, self->cancellable, opened_cb, g_object_ref (self));
}

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (UbRestoreView) self = user_data;
  g_autoptr (GFile) file = ub_compat_open_finish (result, NULL);
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (path != NULL)
    ub_restore_view_open (self, path, FALSE);
}

static void
choose_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  UbRestoreView *self = UB_RESTORE_VIEW (widget);
  gboolean       file = g_str_equal (action_name, "restore.choose-file");

  ub_compat_open (get_window (self),
                  file ? UB_COMPAT_OPEN_FILE : UB_COMPAT_OPEN_FOLDER,
                  file ? _ ("Choose a file with a copy of a phone")
                       : _ ("Choose the folder of a copy"),
                  NULL,
                  chosen_cb,
                  g_object_ref (self));
}

/* --- life --- */

void
ub_restore_view_update (UbRestoreView *self, gboolean reload)
{
  if (reload)
    ub_copy_list_reload (self->copies, ub_application_get_copies_folder (self->application));
  if (self->backup != NULL && (self->phone != ub_window_watch_get_phone (self->watch) ||
                               self->expert != ub_window_watch_is_expert (self->watch)))
    fill_parts (self);
  show_reason (self);
}

void
ub_restore_view_set_up (UbRestoreView *self, UbApplication *application, UbWindowWatch *watch)
{
  self->application = application;
  self->watch = watch;
  show_reason (self);
}

static void
parts_changed_cb (UbRestoreView *self)
{
  show_reason (self);
}

static void
ub_restore_view_dispose (GObject *object)
{
  UbRestoreView *self = UB_RESTORE_VIEW (object);

  stop_check (self);
  g_clear_object (&self->backup);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (ub_restore_view_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, UbRestoreView, box);
  gtk_widget_class_bind_template_child (widget_class, UbRestoreView, save_bar);
  gtk_widget_class_bind_template_child (widget_class, UbRestoreView, stack);
  gtk_widget_class_bind_template_child (widget_class, UbRestoreView, copies);
  gtk_widget_class_bind_template_child (widget_class, UbRestoreView, open_trouble);
  gtk_widget_class_bind_template_child (widget_class, UbRestoreView, title);
  gtk_widget_class_bind_template_child (widget_class, UbRestoreView, kind);
  gtk_widget_class_bind_template_child (widget_class, UbRestoreView, open_firmware);
  gtk_widget_class_bind_template_child (widget_class, UbRestoreView, save);
  gtk_widget_class_bind_template_child (widget_class, UbRestoreView, line);
  gtk_widget_class_bind_template_child (widget_class, UbRestoreView, folder);
  gtk_widget_class_bind_template_child (widget_class, UbRestoreView, check_icon);
  gtk_widget_class_bind_template_child (widget_class, UbRestoreView, check_label);
  gtk_widget_class_bind_template_child (widget_class, UbRestoreView, check_bar);
  gtk_widget_class_bind_template_child (widget_class, UbRestoreView, parts);
  gtk_widget_class_bind_template_child (widget_class, UbRestoreView, reason);
  gtk_widget_class_bind_template_callback (widget_class, copy_asked_cb);
  gtk_widget_class_bind_template_callback (widget_class, save_asked_cb);
  gtk_widget_class_bind_template_callback (widget_class, parts_changed_cb);
}

static void
ub_restore_view_class_init (UbRestoreViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_restore_view_dispose;
  g_type_ensure (UB_TYPE_COPY_LIST);
  g_type_ensure (UB_TYPE_PARTS_LIST);
  g_type_ensure (UB_TYPE_SAVE_BAR);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-restore-view.ui");
  bind_children (widget_class);
  gtk_widget_class_install_action (widget_class, "restore.choose-folder", NULL, choose_cb);
  gtk_widget_class_install_action (widget_class, "restore.choose-file", NULL, choose_cb);
  gtk_widget_class_install_action (widget_class, "restore.back", NULL, back_cb);
  gtk_widget_class_install_action (widget_class, "restore.show-folder", NULL, show_folder_cb);
  gtk_widget_class_install_action (widget_class, "restore.save", NULL, save_cb);
  gtk_widget_class_install_action (widget_class, "restore.start", NULL, start_cb);
}

static void
ub_restore_view_init (UbRestoreView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ub_stack_show (self->stack, "list");
}
