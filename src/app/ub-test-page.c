/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-test-page.h"

#include <glib/gi18n.h>

#include "app/ub-compat.h"
#include "app/ub-stack.h"
#include "app/ub-toggle.h"
#include "app/ub-window-watch.h"
#include "app/ub-words.h"

struct _UbTestPage
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget      *box;
  GtkCheckButton *quick;
  GtkCheckButton *full;
  GtkStack       *stack;
  GtkLabel       *result;
  GtkListBox     *list;
  GtkLabel       *reason;

  UbWindowWatch *watch;
  char         **findings; /* (nullable): of the last test */
};

G_DEFINE_FINAL_TYPE (UbTestPage, ub_test_page, GTK_TYPE_WIDGET)

/* --- what would be done --- */

/* quick: what the phone tells, and one small place that every phone has */
static UbPlan *
new_plan (UbTestPage *self)
{
  static const char *const names[] = { "boot1", NULL };
  gboolean                 full = gtk_check_button_get_active (self->full);
  const UbPlanTarget       target = { .whole = full, .names = full ? NULL : names };

  return ub_plan_new_test (&target);
}

/* "31.3 GB · about 50 minutes", once a phone was seen */
static char *
dup_amount (UbTestPage *self)
{
  UbPhoneInfo      *phone = ub_window_watch_get_phone (self->watch);
  const UbDaReport *report = phone != NULL ? ub_phone_info_get_report (phone) : NULL;
  g_autoptr (UbPlan) plan = report != NULL ? new_plan (self) : NULL;
  g_autoptr (UbPlan) checked = plan != NULL ? ub_plan_check (plan, phone) : NULL;
  g_autofree char *amount = NULL;
  g_autofree char *about = NULL;

  if (checked == NULL || !gtk_check_button_get_active (self->full))
    return g_strdup ("");
  amount = ub_words_format_amount (report->user_size + report->boot1_size + report->boot2_size);
  about = ub_words_format_about (ub_plan_estimate_us (checked, 0));
  return g_strdup_printf ("%s · %s", amount, about);
}

static void
show_readiness (UbTestPage *self)
{
  gboolean         running = ub_window_watch_is_running (self->watch);
  g_autofree char *amount = dup_amount (self);

  gtk_label_set_label (self->reason, running ? _ ("Wait until the present job is over.") : amount);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "test.start", !running);
}

static void
start_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  UbTestPage *self = UB_TEST_PAGE (widget);
  UbWindow   *window = ub_window_watch_get_window (self->watch);
  g_autoptr (UbPlan) plan = new_plan (self);

  if (window != NULL)
    ub_window_start_plan (window, plan);
}

/* --- results --- */

static void
add_line (UbTestPage *self, const char *text)
{
  GtkWidget *label = gtk_label_new (text), *row = gtk_list_box_row_new ();

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, "choice");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), label);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_list_box_append (self->list, row);
}

static void
clear_lines (UbTestPage *self)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, row);
}

static char *
dup_result (UbReport *report)
{
  UbPhoneInfo     *phone = ub_report_get_phone (report);
  g_autofree char *chip = phone != NULL ? ub_phone_info_dup_chip_text (phone) : g_strdup ("");
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *when = g_date_time_format (now, "%x %R");

  if (ub_report_get_result (report) != UB_RESULT_DONE)
    /* Translators: a chip, and when it was */
    return g_strdup_printf (_ ("%s, %s: the test did not come to its end"), chip, when);
  /* Translators: a chip, and when it was */
  return g_strdup_printf (_ ("%s, %s"), chip, when);
}

static void
finished_cb (UbTestPage *self, UbReport *report)
{
  UbPlan            *plan = ub_report_get_plan (report);
  const char *const *findings = ub_report_get_findings (report);
  g_autofree char   *result = NULL;

  if (plan == NULL || ub_plan_get_mode (plan) != UB_MODE_TEST || findings[0] == NULL)
    return;
  result = dup_result (report);
  g_strfreev (self->findings);
  self->findings = g_strdupv ((char **) findings);
  gtk_label_set_label (self->result, result);
  clear_lines (self);
  for (guint i = 0; findings[i] != NULL; i++)
    add_line (self, findings[i]);
  ub_stack_show (self->stack, "results");
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "test.copy", TRUE);
}

static void
copy_cb (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  UbTestPage      *self = UB_TEST_PAGE (widget);
  g_autofree char *lines = g_strjoinv ("\n", self->findings);
  g_autofree char *text = g_strdup_printf ("%s\n%s\n", gtk_label_get_label (self->result), lines);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
}

/* --- life --- */

static void
ub_test_page_root (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (ub_test_page_parent_class)->root (widget);
  ub_window_watch_follow (UB_TEST_PAGE (widget)->watch, widget);
}

static void
ub_test_page_unroot (GtkWidget *widget)
{
  UbTestPage *self = UB_TEST_PAGE (widget);

  GTK_WIDGET_CLASS (ub_test_page_parent_class)->unroot (widget);
  if (self->watch != NULL)
    ub_window_watch_follow (self->watch, NULL);
}

static void
ub_test_page_dispose (GObject *object)
{
  UbTestPage *self = UB_TEST_PAGE (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->watch);
  G_OBJECT_CLASS (ub_test_page_parent_class)->dispose (object);
}

static void
ub_test_page_finalize (GObject *object)
{
  g_strfreev (UB_TEST_PAGE (object)->findings);
  G_OBJECT_CLASS (ub_test_page_parent_class)->finalize (object);
}

static void
ub_test_page_class_init (UbTestPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_test_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = ub_test_page_finalize;
  widget_class->root = ub_test_page_root;
  widget_class->unroot = ub_test_page_unroot;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-test-page.ui");
  gtk_widget_class_bind_template_child (widget_class, UbTestPage, box);
  gtk_widget_class_bind_template_child (widget_class, UbTestPage, quick);
  gtk_widget_class_bind_template_child (widget_class, UbTestPage, full);
  gtk_widget_class_bind_template_child (widget_class, UbTestPage, stack);
  gtk_widget_class_bind_template_child (widget_class, UbTestPage, result);
  gtk_widget_class_bind_template_child (widget_class, UbTestPage, list);
  gtk_widget_class_bind_template_child (widget_class, UbTestPage, reason);
  gtk_widget_class_bind_template_callback (widget_class, show_readiness);
  gtk_widget_class_install_action (widget_class, "test.start", NULL, start_cb);
  gtk_widget_class_install_action (widget_class, "test.copy", NULL, copy_cb);
}

static void
ub_test_page_init (UbTestPage *self)
{
  self->watch = ub_window_watch_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  ub_stack_show (self->stack, "empty");
  ub_toggle_add (self->quick);
  ub_toggle_add (self->full);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "test.copy", FALSE);
  g_signal_connect_object (self->watch,
                           "changed",
                           G_CALLBACK (show_readiness),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->watch,
                           "finished",
                           G_CALLBACK (finished_cb),
                           self,
                           G_CONNECT_SWAPPED);
}

GtkWidget *
ub_test_page_new (UbApplication *application)
{
  return g_object_new (UB_TYPE_TEST_PAGE, NULL);
}
