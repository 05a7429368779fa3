/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/ub-job-bar.h"

#include <glib/gi18n.h>

#include "app/ub-compat.h"
#include "app/ub-words.h"

struct _UbJobBar
{
  GtkWidget parent_instance;

  /* template */
  GtkWidget      *box;
  GtkWidget      *download;
  GtkLabel       *verb;
  GtkProgressBar *bar;
  GtkLabel       *words;
  GtkLabel       *details;
  GtkLabel       *percent;

  UbSession *session;  /* (owned) (nullable) */
  UbBar      last_bar; /* announced last */
  gboolean   stopping;
  guint      pulse_id;
};

G_DEFINE_FINAL_TYPE (UbJobBar, ub_job_bar, GTK_TYPE_WIDGET)

static const char *const bar_classes[] = { NULL, "wait", "red", "purple", "yellow", "blue" };

static void
show_color (UbJobBar *self, UbBar bar)
{
  for (guint i = 0; i < G_N_ELEMENTS (bar_classes); i++)
    {
      if (bar_classes[i] == NULL)
        continue;
      if (i == bar)
        gtk_widget_add_css_class (GTK_WIDGET (self->bar), bar_classes[i]);
      else
        gtk_widget_remove_css_class (GTK_WIDGET (self->bar), bar_classes[i]);
    }
}

static gboolean
pulse_cb (gpointer data)
{
  gtk_progress_bar_pulse (UB_JOB_BAR (data)->bar);
  return G_SOURCE_CONTINUE;
}

/* the cable slipped, or another phone came: more important than what was being done */
static gboolean
is_interrupted (UbJobBar *self)
{
  UbRequest request = ub_session_get_request (self->session);

  return request == UB_REQUEST_GO_ON || request == UB_REQUEST_OTHER_PHONE;
}

static gboolean
is_asking (UbJobBar *self)
{
  return ub_session_get_question (self->session) != NULL;
}

/* short enough for one line: the panel says more */
static const char *
get_interruption (UbJobBar *self)
{
  UbRequest request = ub_session_get_request (self->session);

  if (request != UB_REQUEST_GO_ON)
    return ub_request_get_text (request);
  /* the job began in another run of the program: nobody knows why it stopped */
  if (ub_session_get_phone (self->session) == NULL)
    return _ ("Nothing is lost: plug the phone in again and it goes on.");
  return _ ("The cable slipped. Nothing is lost: plug the phone in again and it goes on.");
}

static const char *
get_phase (UbJobBar *self)
{
  UbBar bar = ub_session_get_bar (self->session);

  if (self->stopping)
    return _ ("Stopping at the next safe place");
  if (is_interrupted (self))
    return get_interruption (self);
  if (is_asking (self))
    return _ ("Waiting for your answer");
  if (bar == UB_BAR_NONE || bar == UB_BAR_WAIT)
    return ub_session_state_get_title (ub_session_get_state (self->session));
  return ub_bar_get_title (bar);
}

/* whoever does not see the bar hears its words, a wait's, too. @words: for the screen reader alone */
static void
show_percent (UbJobBar *self, const char *percent, const char *words)
{
  gtk_label_set_label (self->percent, percent);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bar),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                  *percent != '\0' ? percent : words,
                                  -1);
}

/* a wait moves, and claims no percentage */
static void
show_fraction (UbJobBar *self)
{
  UbBar            bar = ub_session_get_bar (self->session);
  double           fraction = ub_session_get_fraction (self->session);
  g_autofree char *percent = NULL;

  if (bar == UB_BAR_NONE || bar == UB_BAR_WAIT || fraction < 0 || is_interrupted (self) ||
      is_asking (self))
    {
      if (self->pulse_id == 0)
        self->pulse_id = g_timeout_add (120, pulse_cb, self);
      show_percent (self, "", get_phase (self));
      return;
    }
  g_clear_handle_id (&self->pulse_id, g_source_remove);
  gtk_progress_bar_set_fraction (self->bar, CLAMP (fraction, 0, 1));
  /* Translators: how much of the present bar is done */
  percent = g_strdup_printf (_ ("%d %%"), (int) (100 * CLAMP (fraction, 0, 1)));
  show_percent (self, percent, NULL);
}

/* "Writing system" and "Writing cache" begin with the same word: it is said once */
static char *
join_words (const char *phase, const char *step)
{
  gsize first = strcspn (phase, " ");

  if (strncmp (step, phase, first) != 0 || step[first] != ' ')
    /* Translators: what is being done, and the part it is done to: "Writing system: boot" */
    return g_strdup_printf (_ ("%s: %s"), phase, step);
  return phase[first] == '\0' ? g_strdup (step)
                              : g_strdup_printf (_ ("%s: %s"), phase, step + first + 1);
}

static void
show_words (UbJobBar *self)
{
  const char      *phase = get_phase (self);
  const char      *step = ub_session_get_step (self->session);
  g_autofree char *words = NULL;

  if (!self->stopping && !is_interrupted (self) && !is_asking (self) && step != NULL &&
      *step != '\0' && !g_str_equal (step, phase))
    words = join_words (phase, step);
  else
    words = g_strdup (phase);
  if (!g_str_equal (gtk_label_get_label (self->words), words))
    gtk_label_set_label (self->words, words);
}

/* where people read from right to left, "5 MB/s" and "12 MB of 70 MB" would run into each other: each has
 * a direction of its own (U+2068 … U+2069), and the line begins on the right (U+200F) */
static void
add_part (GString *text, char *part)
{
  gboolean rtl = gtk_widget_get_default_direction () == GTK_TEXT_DIR_RTL;

  g_string_append (text, text->len > 0 ? " · " : rtl ? "\u200f" : "");
  g_string_append_printf (text, rtl ? "\u2068%s\u2069" : "%s", part);
  g_free (part);
}

static void
show_numbers (UbJobBar *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint64 done = ub_session_get_done_bytes (self->session),
          total = ub_session_get_total_bytes (self->session);
  double       speed = ub_session_get_speed (self->session);
  gint64       remaining = ub_session_get_remaining (self->session);
  UbPhoneInfo *phone = ub_session_get_phone (self->session);

  /* nothing moves */
  if (is_asking (self))
    {
      gtk_label_set_label (self->details, "");
      return;
    }
  if (speed > 0)
    add_part (text, ub_words_format_speed (speed));
  if (done > 0 && total > 0)
    {
      g_autofree char *of = ub_words_format_amount (total);
      g_autofree char *so_far = ub_words_format_amount (done);

      /* Translators: amounts: "812 MB of 1.3 GB" */
      add_part (text, g_strdup_printf (_ ("%s of %s"), so_far, of));
    }
  if (remaining >= 0)
    {
      g_autofree char *clock = ub_words_format_clock (remaining);

      /* Translators: time: "0:44 left" */
      add_part (text, g_strdup_printf (_ ("%s left"), clock));
    }
  if (phone != NULL && ub_phone_info_get_speed (phone) != NULL &&
      *ub_phone_info_get_speed (phone) != '\0')
    add_part (text, g_strdup (ub_words_get_usb_speed (ub_phone_info_get_speed (phone))));
  gtk_label_set_label (self->details, text->str);
}

static void
bar_cb (UbJobBar *self)
{
  UbBar bar = ub_session_get_bar (self->session);

  show_color (self, bar);
  show_words (self);
  show_fraction (self);
  show_numbers (self);
  /* each colour is said once, too */
  if (bar != self->last_bar && bar > UB_BAR_WAIT)
    ub_compat_announce (GTK_WIDGET (self), ub_bar_get_title (bar));
  self->last_bar = bar;
}

static void
request_cb (UbJobBar *self)
{
  bar_cb (self);
  if (is_interrupted (self))
    ub_compat_announce (GTK_WIDGET (self), get_phase (self));
}

static void
drop_session (UbJobBar *self)
{
  g_clear_handle_id (&self->pulse_id, g_source_remove);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
}

void
ub_job_bar_set_session (UbJobBar *self, UbSession *session)
{
  drop_session (self);
  self->stopping = FALSE;
  self->last_bar = UB_BAR_NONE;
  if (session == NULL)
    return;
  self->session = g_object_ref (session);
  g_signal_connect_swapped (session, "notify::bar", G_CALLBACK (bar_cb), self);
  g_signal_connect_swapped (session, "notify::state", G_CALLBACK (bar_cb), self);
  g_signal_connect_swapped (session, "notify::request", G_CALLBACK (request_cb), self);
  g_signal_connect_swapped (session, "notify::question", G_CALLBACK (bar_cb), self);
  g_signal_connect_swapped (session, "notify::step", G_CALLBACK (show_words), self);
  g_signal_connect_swapped (session, "notify::fraction", G_CALLBACK (show_fraction), self);
  g_signal_connect_swapped (session, "notify::done-bytes", G_CALLBACK (show_numbers), self);
  g_signal_connect_swapped (session, "notify::speed", G_CALLBACK (show_numbers), self);
  g_signal_connect_swapped (session, "notify::remaining", G_CALLBACK (show_numbers), self);
  bar_cb (self);
  show_numbers (self);
}

void
ub_job_bar_set_verb (UbJobBar *self, const char *verb, gboolean destructive)
{
  /* Ctrl+D starts every mode; a letter of its own only where it is not another's on the page */
  gboolean         usual = g_str_equal (verb, ub_mode_get_verb (UB_MODE_DOWNLOAD_ONLY));
  g_autofree char *text = g_strconcat (usual ? "_" : "", verb, NULL);

  gtk_label_set_label (self->verb, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->download),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  verb,
                                  -1);
  gtk_widget_remove_css_class (self->download,
                               destructive ? "suggested-action" : "destructive-action");
  gtk_widget_add_css_class (self->download,
                            destructive ? "destructive-action" : "suggested-action");
}

void
ub_job_bar_set_can_start (UbJobBar *self, gboolean can_start)
{
  gtk_widget_set_visible (self->download, can_start);
}

void
ub_job_bar_set_stopping (UbJobBar *self)
{
  self->stopping = TRUE;
  if (self->session != NULL)
    show_words (self);
}

void
ub_job_bar_set_words (UbJobBar *self, const char *words, const char *details)
{
  gtk_label_set_label (self->words, words);
  gtk_label_set_label (self->details, details != NULL ? details : "");
}

static void
set_still (UbJobBar *self, double fraction, const char *css_class)
{
  g_clear_handle_id (&self->pulse_id, g_source_remove);
  show_color (self, UB_BAR_NONE);
  gtk_widget_remove_css_class (GTK_WIDGET (self->bar), "green");
  if (css_class != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->bar), css_class);
  gtk_progress_bar_set_fraction (self->bar, fraction);
  show_percent (self, "", gtk_label_get_label (self->words));
}

void
ub_job_bar_clear (UbJobBar *self)
{
  set_still (self, 0, NULL);
}

void
ub_job_bar_fill (UbJobBar *self)
{
  set_still (self, 1, "green");
}

static void
ub_job_bar_dispose (GObject *object)
{
  UbJobBar *self = UB_JOB_BAR (object);

  drop_session (self);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (ub_job_bar_parent_class)->dispose (object);
}

static void
ub_job_bar_class_init (UbJobBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ub_job_bar_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/unbrick/Unbrick/ui/ub-job-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, UbJobBar, box);
  gtk_widget_class_bind_template_child (widget_class, UbJobBar, download);
  gtk_widget_class_bind_template_child (widget_class, UbJobBar, verb);
  gtk_widget_class_bind_template_child (widget_class, UbJobBar, bar);
  gtk_widget_class_bind_template_child (widget_class, UbJobBar, words);
  gtk_widget_class_bind_template_child (widget_class, UbJobBar, details);
  gtk_widget_class_bind_template_child (widget_class, UbJobBar, percent);
}

static void
ub_job_bar_init (UbJobBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
