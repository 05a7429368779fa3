/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-window-watch.h"

#include "app/ub-window-private.h"

struct _UbWindowWatch
{
  GObject      parent_instance;
  UbPhoneInfo *phone; /* (nullable) */

  /* weak */
  UbWindow       *window;
  UbDownloadPage *page;
};

G_DEFINE_FINAL_TYPE (UbWindowWatch, ub_window_watch, G_TYPE_OBJECT)

static void
changed_cb (UbWindowWatch *self)
{
  g_signal_emit_by_name (self, "changed");
}

static void
finished_cb (UbWindowWatch *self, UbReport *report)
{
  UbPhoneInfo *phone = ub_report_get_phone (report);

  /* one that told nothing is no news */
  if (phone != NULL && ub_phone_info_get_report (phone) != NULL)
    g_set_object (&self->phone, phone);
  g_signal_emit_by_name (self, "finished", report);
  changed_cb (self);
}

static void
let_go (UbWindowWatch *self)
{
  if (self->window != NULL)
    g_signal_handlers_disconnect_by_data (self->window, self);
  if (self->page != NULL)
    g_signal_handlers_disconnect_by_data (self->page, self);
  g_clear_weak_pointer (&self->window);
  g_clear_weak_pointer (&self->page);
}

void
ub_window_watch_follow (UbWindowWatch *self, GtkWidget *page)
{
  GtkRoot *root = page != NULL ? gtk_widget_get_root (page) : NULL;

  let_go (self);
  if (!UB_IS_WINDOW (root))
    return;
  g_set_weak_pointer (&self->window, UB_WINDOW (root));
  g_set_weak_pointer (&self->page, self->window->page);
  g_signal_connect_swapped (root, "notify::running", G_CALLBACK (changed_cb), self);
  g_signal_connect_swapped (root, "action-state-changed::expert", G_CALLBACK (changed_cb), self);
  g_signal_connect_swapped (root, "finished", G_CALLBACK (finished_cb), self);
  if (self->page != NULL)
    g_signal_connect_swapped (self->page, "changed", G_CALLBACK (changed_cb), self);
  changed_cb (self);
}

UbWindow *
ub_window_watch_get_window (UbWindowWatch *self)
{
  return self->window;
}

gboolean
ub_window_watch_is_running (UbWindowWatch *self)
{
  return self->window != NULL && ub_window_is_running (self->window);
}

gboolean
ub_window_watch_is_expert (UbWindowWatch *self)
{
  g_autoptr (GVariant) state = NULL;

  if (self->window != NULL)
    state = g_action_group_get_action_state (G_ACTION_GROUP (self->window), "expert");
  return state != NULL && g_variant_get_boolean (state);
}

UbFirmware *
ub_window_watch_get_firmware (UbWindowWatch *self)
{
  return self->page != NULL ? ub_download_page_get_firmware (self->page) : NULL;
}

UbPhoneInfo *
ub_window_watch_get_phone (UbWindowWatch *self)
{
  return self->phone;
}

static void
ub_window_watch_dispose (GObject *object)
{
  UbWindowWatch *self = UB_WINDOW_WATCH (object);

  let_go (self);
  g_clear_object (&self->phone);
  G_OBJECT_CLASS (ub_window_watch_parent_class)->dispose (object);
}

static void
ub_window_watch_class_init (UbWindowWatchClass *klass)
{
  GType type = UB_TYPE_WINDOW_WATCH;

  G_OBJECT_CLASS (klass)->dispose = ub_window_watch_dispose;
  g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_signal_new ("finished",
                type,
                G_SIGNAL_RUN_LAST,
                0,
                NULL,
                NULL,
                NULL,
                G_TYPE_NONE,
                1,
                UB_TYPE_REPORT);
}

static void
ub_window_watch_init (UbWindowWatch *self)
{
}

UbWindowWatch *
ub_window_watch_new (void)
{
  return g_object_new (UB_TYPE_WINDOW_WATCH, NULL);
}
