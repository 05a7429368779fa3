/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-readback-page.h"

#include <glib/gi18n.h>

#include "app/ub-compat.h"
#include "app/ub-copies.h"
#include "app/ub-place-chooser.h"
#include "app/ub-restore-view.h"
#include "app/ub-window-private.h"
#include "app/ub-window-watch.h"
#include "app/ub-words.h"
#include "base/ub-place.h"

struct _UbReadbackPage
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget      *box;
  GtkStack       *stack;
  UbPlaceChooser *place;
  GtkLabel       *folder_label;
  GtkLabel       *room_label;
  GtkLabel       *reason;
  UbRestoreView  *restore;

  UbApplication *application; /* borrowed */
  UbWindowWatch *watch;
  char          *folder; /* (nullable): each copy gets one of its own in it; NULL: to be chosen */
  gboolean       is_set_up;
  guint64        room; /* bytes; G_MAXUINT64: not known */
};

G_DEFINE_FINAL_TYPE (UbReadbackPage, ub_readback_page, GTK_TYPE_WIDGET)

static GtkWindow *
get_window (UbReadbackPage *self)
{
  return (GtkWindow *) ub_window_watch_get_window (self->watch);
}

/* --- what would be done --- */

/* a name that sorts by time and is not there yet */
static char *
dup_copy_folder (UbReadbackPage *self)
{
  UbPhoneInfo      *phone = ub_window_watch_get_phone (self->watch);
  const UbBromInfo *brom = phone != NULL ? ub_phone_info_get_brom (phone) : NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%Y-%m-%d %H.%M.%S");
  g_autofree char *name =
      brom != NULL ? g_strdup_printf ("%s 0x%04x", time, (guint) brom->hw_code) : g_strdup (time);

  return g_build_filename (self->folder, name, NULL);
}

static UbPlan *
new_plan (UbReadbackPage *self)
{
  const UbPlanTarget *target = ub_place_chooser_get_target (self->place);
  g_autofree char    *folder = self->folder != NULL ? dup_copy_folder (self) : NULL;

  if (folder == NULL)
    return NULL;
  return target != NULL ? ub_plan_new_readback (target, folder) : NULL;
}

/* "31.3 GB · about 50 minutes", once a phone was seen */
static char *
dup_amount (UbReadbackPage *self, guint64 size)
{
  UbPhoneInfo *phone = ub_window_watch_get_phone (self->watch);
  g_autoptr (UbPlan) plan = phone != NULL ? new_plan (self) : NULL;
  g_autoptr (UbPlan) checked = plan != NULL ? ub_plan_check (plan, phone) : NULL;
  g_autofree char *amount = ub_words_format_amount (size);
  g_autofree char *about =
      checked != NULL ? ub_words_format_about (ub_plan_estimate_us (checked, 0)) : NULL;

  if (size == 0)
    return g_strdup ("");
  return about != NULL ? g_strdup_printf ("%s · %s", amount, about) : g_steal_pointer (&amount);
}

static char *
dup_trouble (UbReadbackPage *self, guint64 size)
{
  const char *trouble = ub_place_chooser_get_trouble (self->place);

  if (trouble != NULL)
    return g_strdup (trouble);
  if (ub_window_watch_is_running (self->watch))
    return g_strdup (_ ("Wait until the present job is over."));
  if (self->folder == NULL)
    return g_strdup (_ ("Choose where the copy is saved."));
  if (size > self->room)
    {
      g_autofree char *amount = ub_words_format_amount (size);

      /* Translators: %s is an amount of data: "31.3 GB" */
      return g_strdup_printf (_ ("There is not enough room for %s: choose another folder."),
                              amount);
    }
  return NULL;
}

static void
show_readiness (UbReadbackPage *self)
{
  guint64          size = ub_place_chooser_get_size (self->place);
  g_autofree char *trouble = dup_trouble (self, size);
  g_autofree char *amount = dup_amount (self, size);

  if (ub_place_chooser_shows_trouble (self->place))
    gtk_label_set_label (self->reason, "");
  else
    gtk_label_set_label (self->reason, trouble != NULL ? trouble : amount);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "readback.start", trouble == NULL);
}

static void
place_changed_cb (UbReadbackPage *self)
{
  /* while the page is being made there is nothing to say yet */
  if (self->is_set_up)
    show_readiness (self);
}

static void
start_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  UbReadbackPage *self = UB_READBACK_PAGE (widget);
  UbWindow       *window = ub_window_watch_get_window (self->watch);
  g_autoptr (UbPlan) plan = new_plan (self);

  if (window != NULL && plan != NULL)
    ub_window_start_plan (window, plan);
}

/* --- where to --- */

static void
room_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (UbReadbackPage) self = user_data;
  g_autofree char *amount = NULL;
  g_autofree char *text = NULL;

  if (self->box == NULL)
    return;
  self->room = ub_copies_get_room_finish (result);
  amount = ub_words_format_amount (self->room);
  if (self->room != G_MAXUINT64)
    /* Translators: %s is an amount of data: "31.3 GB" */
    text = g_strdup_printf (_ ("A new folder for each copy · %s free"), amount);
  else
    text = g_strdup (_ ("A new folder for each copy"));
  gtk_label_set_label (self->room_label, text);
  show_readiness (self);
}

static void
ask_room (UbReadbackPage *self)
{
  if (self->folder == NULL)
    gtk_label_set_label (self->room_label, _ ("A new folder for each copy"));
  else
    ub_copies_get_room_async (self->folder, room_cb, g_object_ref (self));
}

void
ub_readback_page_set_folder (UbReadbackPage *self, const char *folder)
{
  g_autofree char *text =
      folder != NULL ? ub_words_shorten_path (folder) : g_strdup (_ ("Not chosen yet"));
  g_autofree char *copy = g_strdup (folder);

  g_free (self->folder);
  self->folder = g_steal_pointer (&copy);
  self->room = G_MAXUINT64;
  self->is_set_up = TRUE;
  gtk_label_set_label (self->folder_label, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->folder_label), text);
  ask_room (self);
  show_readiness (self);
}

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (UbReadbackPage) self = user_data;
  g_autoptr (GFile) file = ub_compat_open_finish (result, NULL);
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (path != NULL && self->box != NULL)
    ub_readback_page_set_folder (self, path);
}

static void
choose_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  UbReadbackPage  *self = UB_READBACK_PAGE (widget);
  g_autofree char *folder = self->folder != NULL ? ub_place_dup_real (self->folder) : NULL;

  ub_compat_open (get_window (self),
                  UB_COMPAT_OPEN_FOLDER,
                  _ ("Choose where copies are saved"),
                  folder,
                  chosen_cb,
                  g_object_ref (self));
}

/* what is practised with does not belong among somebody's documents; (nullable) */
static char *
dup_default_folder (UbApplication *application)
{
  const char *documents = g_get_user_special_dir (G_USER_DIRECTORY_DOCUMENTS);

  if (ub_application_get_practice (application))
    return g_build_filename (g_get_user_cache_dir (), "unbrick", "practice", "readback", NULL);
  /* where nobody's documents can be seen, a folder has to be chosen first */
  if (ub_place_is_sandboxed ())
    return NULL;
  return g_build_filename (documents != NULL ? documents : g_get_home_dir (),
                           /* Translators: name of a folder among the documents */
                           _ ("Unbrick copies"),
                           NULL);
}

/* --- the window --- */

static void
show_copy_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  UbReadbackPage *self = user_data;
  GtkWidget      *pages = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_STACK);
  const char     *path;
  gboolean        restore;

  g_variant_get (parameter, "(&sb)", &path, &restore);
  /* how the last job ended would lie over it */
  if (!ub_window_watch_is_running (self->watch))
    ub_window_set_end (ub_window_watch_get_window (self->watch), NULL, NULL, NULL);
  if (pages != NULL)
    for (GtkWidget *c = GTK_WIDGET (self); c != NULL; c = gtk_widget_get_parent (c))
      if (gtk_widget_get_parent (c) == pages)
        gtk_stack_set_visible_child (GTK_STACK (pages), c);
  gtk_stack_set_visible_child_name (self->stack, "restore");
  ub_restore_view_open (self->restore, path, restore);
}

static void
add_action (UbReadbackPage *self)
{
  UbWindow *window = ub_window_watch_get_window (self->watch);
  g_autoptr (GSimpleAction) action = g_simple_action_new ("show-copy", G_VARIANT_TYPE ("(sb)"));

  if (window == NULL)
    return;
  g_signal_connect_object (action, "activate", G_CALLBACK (show_copy_cb), self, 0);
  g_action_map_add_action (G_ACTION_MAP (window), G_ACTION (action));
}

static void
update (UbReadbackPage *self)
{
  ub_place_chooser_set_known (self->place,
                              ub_window_watch_get_firmware (self->watch),
                              ub_window_watch_get_phone (self->watch),
                              ub_window_watch_is_expert (self->watch));
  ub_restore_view_update (self->restore, FALSE);
  show_readiness (self);
}

static void
finished_cb (UbReadbackPage *self, UbReport *report)
{
  ask_room (self);
  ub_restore_view_update (self->restore, TRUE);
}

static void
ub_readback_page_map (GtkWidget *widget)
{
  UbReadbackPage *self = UB_READBACK_PAGE (widget);

  GTK_WIDGET_CLASS (ub_readback_page_parent_class)->map (widget);
  ask_room (self);
  ub_restore_view_update (self->restore, TRUE);
}

static void
ub_readback_page_root (GtkWidget *widget)
{
  UbReadbackPage *self = UB_READBACK_PAGE (widget);

  GTK_WIDGET_CLASS (ub_readback_page_parent_class)->root (widget);
  ub_window_watch_follow (self->watch, widget);
  add_action (self);
}

static void
ub_readback_page_unroot (GtkWidget *widget)
{
  UbReadbackPage *self = UB_READBACK_PAGE (widget);

  GTK_WIDGET_CLASS (ub_readback_page_parent_class)->unroot (widget);
  if (self->watch != NULL)
    ub_window_watch_follow (self->watch, NULL);
}

static void
ub_readback_page_dispose (GObject *object)
{
  UbReadbackPage *self = UB_READBACK_PAGE (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->watch);
  G_OBJECT_CLASS (ub_readback_page_parent_class)->dispose (object);
}

static void
ub_readback_page_finalize (GObject *object)
{
  g_free (UB_READBACK_PAGE (object)->folder);
  G_OBJECT_CLASS (ub_readback_page_parent_class)->finalize (object);
}

static void
ub_readback_page_class_init (UbReadbackPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_readback_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = ub_readback_page_finalize;
  widget_class->map = ub_readback_page_map;
  widget_class->root = ub_readback_page_root;
  widget_class->unroot = ub_readback_page_unroot;
  g_type_ensure (UB_TYPE_PLACE_CHOOSER);
  g_type_ensure (UB_TYPE_RESTORE_VIEW);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-readback-page.ui");
  gtk_widget_class_bind_template_child (widget_class, UbReadbackPage, box);
  gtk_widget_class_bind_template_child (widget_class, UbReadbackPage, stack);
  gtk_widget_class_bind_template_child (widget_class, UbReadbackPage, place);
  gtk_widget_class_bind_template_child (widget_class, UbReadbackPage, folder_label);
  gtk_widget_class_bind_template_child (widget_class, UbReadbackPage, room_label);
  gtk_widget_class_bind_template_child (widget_class, UbReadbackPage, reason);
  gtk_widget_class_bind_template_child (widget_class, UbReadbackPage, restore);
  gtk_widget_class_bind_template_callback (widget_class, place_changed_cb);
  gtk_widget_class_install_action (widget_class, "readback.start", NULL, start_cb);
  gtk_widget_class_install_action (widget_class, "readback.choose-folder", NULL, choose_cb);
}

static void
ub_readback_page_init (UbReadbackPage *self)
{
  self->watch = ub_window_watch_new ();
  self->room = G_MAXUINT64;
  gtk_widget_init_template (GTK_WIDGET (self));
  ub_place_chooser_set_purpose (self->place, UB_PLACE_READ);
}

GtkWidget *
ub_readback_page_new (UbApplication *application)
{
  UbReadbackPage  *self = g_object_new (UB_TYPE_READBACK_PAGE, NULL);
  g_autofree char *folder = dup_default_folder (application);

  self->application = application;
  ub_restore_view_set_up (self->restore, application, self->watch);
  ub_readback_page_set_folder (self, folder);
  g_signal_connect_object (self->watch, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->watch,
                           "finished",
                           G_CALLBACK (finished_cb),
                           self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
