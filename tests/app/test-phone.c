/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person is led by: the pictures, the phone panel, and what the phone does after the tick. */
#include "config.h"

#include "app/window-bench.h"

#include <glib/gstdio.h>
#include <string.h>

#include "app/ub-done-view.h"
#include "app/ub-history-page.h"
#include "app/ub-phone-panel.h"
#include "app/ub-phone-picture.h"
#include "engine/ub-aftermath.h"
#include "engine/ub-history.h"

#define WIDTH 160
#define HEIGHT 200
/* GtkInterfaceColorScheme, which GTK 4.8 does not have */
#define DARK_SCHEME 2
#define LIGHT_SCHEME 3
#define PORT "1-1" /* the practice phone's */

/* --- pictures --- */

typedef struct
{
  guchar pixels[2 * WIDTH * 2 * HEIGHT * 4];
  gsize  size;
} Shot;

/* GTK since 4.20 has a scheme for that, and warns of the old property */
static void
choose_theme (GtkWidget *widget, gboolean dark)
{
  GtkSettings *settings = gtk_settings_get_default ();
  GParamSpec  *scheme =
      g_object_class_find_property (G_OBJECT_GET_CLASS (settings), "gtk-interface-color-scheme");

  if (scheme != NULL)
    g_object_set (settings, scheme->name, dark ? DARK_SCHEME : LIGHT_SCHEME, NULL);
  else
    g_object_set (settings, "gtk-application-prefer-dark-theme", dark, NULL);
  gtk_test_widget_wait_for_draw (widget);
}

/* what is drawn, @scale times as large */
static Shot *
take_shot (GtkWidget *widget, int scale)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  GtkSnapshot    *snapshot = gtk_snapshot_new ();
  graphene_rect_t bounds =
      GRAPHENE_RECT_INIT (0, 0, (float) (WIDTH * scale), (float) (HEIGHT * scale));
  GskRenderNode *node;
  GdkTexture    *texture;
  Shot          *shot = g_new0 (Shot, 1);

  gdk_paintable_snapshot (paintable, snapshot, WIDTH * scale, HEIGHT * scale);
  node = gtk_snapshot_free_to_node (snapshot);
  g_assert_nonnull (node);
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (gtk_widget_get_native (widget)),
                                         node,
                                         &bounds);
  gdk_texture_download (texture, shot->pixels, (gsize) (WIDTH * scale) * 4);
  shot->size = (gsize) (WIDTH * scale) * (gsize) (HEIGHT * scale) * 4;
  g_object_unref (texture);
  gsk_render_node_unref (node);
  return shot;
}

/* of 100 */
static guint
get_coverage (const Shot *shot)
{
  guint n = 0;

  for (gsize i = 3; i < shot->size; i += 4)
    n += shot->pixels[i] > 0;
  return (guint) (n * 100 / (shot->size / 4));
}

/* the sum of red, green and blue where something is drawn in full */
static guint
get_brightness (const Shot *shot)
{
  guint64 sum = 0, n = 0;

  for (gsize i = 0; i < shot->size; i += 4)
    if (shot->pixels[i + 3] == 255)
      {
        sum += shot->pixels[i] + shot->pixels[i + 1] + shot->pixels[i + 2];
        n++;
      }
  return (guint) (sum / MAX (n, 1));
}

static gboolean
are_same (const Shot *a, const Shot *b)
{
  return a->size == b->size && memcmp (a->pixels, b->pixels, a->size) == 0;
}

static GtkWidget *
show_picture (GtkWidget **window)
{
  GtkWidget *picture = g_object_new (UB_TYPE_PHONE_PICTURE,
                                     "halign",
                                     GTK_ALIGN_START,
                                     "valign",
                                     GTK_ALIGN_START,
                                     NULL);

  *window = gtk_window_new ();
  gtk_window_set_child (GTK_WINDOW (*window), picture);
  gtk_window_present (GTK_WINDOW (*window));
  gtk_test_widget_wait_for_draw (picture);
  g_assert_cmpint (gtk_widget_get_width (picture), ==, WIDTH);
  g_assert_cmpint (gtk_widget_get_height (picture), ==, HEIGHT);
  return picture;
}

/* each draws something of its own, in both themes in the colour of the words */
static void
test_pictures (void)
{
  Shot      *light[UB_GUIDE_N_PICTURES] = { NULL };
  GtkWidget *window, *picture = show_picture (&window);

  for (UbGuidePicture i = 0; i < UB_GUIDE_N_PICTURES; i++)
    {
      g_autofree Shot *dark = NULL;

      ub_phone_picture_set (UB_PHONE_PICTURE (picture), i);
      g_assert_cmpint (ub_phone_picture_get (UB_PHONE_PICTURE (picture)), ==, i);
      choose_theme (picture, FALSE);
      light[i] = take_shot (picture, 1);
      g_assert_cmpuint (get_coverage (light[i]), >, 10);
      g_assert_cmpuint (get_coverage (light[i]), <, 80);
      choose_theme (picture, TRUE);
      dark = take_shot (picture, 1);
      g_assert_cmpuint (get_coverage (dark), ==, get_coverage (light[i]));
      g_assert_cmpuint (get_brightness (dark), >, get_brightness (light[i]) + 100);
      for (UbGuidePicture other = 0; other < i; other++)
        g_assert_false (are_same (light[i], light[other]));
    }
  choose_theme (picture, FALSE);
  for (UbGuidePicture i = 0; i < UB_GUIDE_N_PICTURES; i++)
    g_free (light[i]);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* lines, not pixels: twice as large is not the same with each pixel four times */
static void
test_sharp (void)
{
  GtkWidget       *window, *picture = show_picture (&window);
  g_autofree Shot *small = take_shot (picture, 1), *large = take_shot (picture, 2);
  guint            differ = 0;

  for (gsize y = 0; y < 2 * HEIGHT; y++)
    for (gsize x = 0; x < 2 * WIDTH; x++)
      differ += large->pixels[(y * 2 * WIDTH + x) * 4 + 3] !=
                small->pixels[(y / 2 * WIDTH + x / 2) * 4 + 3];
  g_assert_cmpuint (differ, >, 1000);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* no words in them: nobody could translate those. Who cannot see them is told */
static void
test_picture_words (void)
{
  GtkWidget *picture = g_object_ref_sink (g_object_new (UB_TYPE_PHONE_PICTURE, NULL));

  for (UbGuidePicture i = 0; i < UB_GUIDE_N_PICTURES; i++)
    {
      g_autofree char *path = g_strdup_printf ("/io/github/unbrick/Unbrick/ui/pictures/%s.svg",
                                               ub_guide_picture_get_name (i));
      g_autoptr (GBytes) bytes = g_resources_lookup_data (path, 0, NULL);

      g_assert_nonnull (bytes);
      g_assert_null (g_strstr_len (g_bytes_get_data (bytes, NULL),
                                   (gssize) g_bytes_get_size (bytes),
                                   "<text"));
      ub_phone_picture_set (UB_PHONE_PICTURE (picture), i);
      gtk_test_accessible_assert_role (picture, GTK_ACCESSIBLE_ROLE_IMG);
      gtk_test_accessible_assert_property (picture,
                                           GTK_ACCESSIBLE_PROPERTY_LABEL,
                                           ub_guide_picture_get_text (i));
    }
  g_object_unref (picture);
}

/* --- the panel --- */

static UbPhonePanel *
get_panel (WindowBench *self)
{
  return UB_PHONE_PANEL (window_bench_find (GTK_WIDGET (self->window), UB_TYPE_PHONE_PANEL));
}

static UbGuidePicture
get_picture (WindowBench *self)
{
  GtkWidget *picture = window_bench_find (GTK_WIDGET (get_panel (self)), UB_TYPE_PHONE_PICTURE);

  return ub_phone_picture_get (UB_PHONE_PICTURE (picture));
}

static gboolean
panel_shows (WindowBench *self, const char *text)
{
  return window_bench_shows (GTK_WIDGET (get_panel (self)), text);
}

static gboolean
has_button (WindowBench *self, const char *label)
{
  GtkWidget *button = window_bench_find_button (GTK_WIDGET (get_panel (self)), label);

  g_assert_nonnull (button);
  return gtk_widget_get_mapped (button);
}

static void
press (WindowBench *self, const char *label)
{
  g_assert_true (has_button (self, label));
  g_signal_emit_by_name (window_bench_find_button (GTK_WIDGET (get_panel (self)), label),
                         "clicked");
}

/* the source tells; and everybody has heard of it */
static void
tell (WindowBench *self, const char *port, UbSightingKind kind, gboolean present, UbAccess access)
{
  UbSighting sighting = { .kind = kind,
                          .present = present,
                          .access = access,
                          .port = (char *) port };

  ub_link_source_tell (self->source, &sighting);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
come (WindowBench *self, UbSightingKind kind)
{
  tell (self, PORT, kind, TRUE, UB_ACCESS_OK);
}

static void
leave (WindowBench *self, UbSightingKind kind)
{
  tell (self, PORT, kind, FALSE, UB_ACCESS_OK);
}

static gint64
in_seconds (gint64 seconds)
{
  return g_get_monotonic_time () + seconds * G_USEC_PER_SEC;
}

/* what is on the cable is told before anybody asked for anything */
static void
test_unasked (WindowBench *self, gconstpointer data)
{
  g_assert_true (panel_shows (self, "Nothing on the cable"));
  g_assert_cmpint (get_picture (self), ==, UB_GUIDE_AWAY);
  come (self, UB_SIGHTING_ANDROID);
  g_assert_true (panel_shows (self, "The phone is switched on"));
  g_assert_cmpint (get_picture (self), ==, UB_GUIDE_ON);
  leave (self, UB_SIGHTING_ANDROID);
  g_assert_true (panel_shows (self, "Nothing on the cable"));
  g_assert_false (has_button (self, "That _Did Nothing"));
}

static void
test_denied (WindowBench *self, gconstpointer data)
{
  g_assert_false (has_button (self, "_Allow It…"));
  tell (self, PORT, UB_SIGHTING_PRELOADER, TRUE, UB_ACCESS_DENIED);
  g_assert_cmpint (get_picture (self), ==, UB_GUIDE_LOCKED);
  g_assert_true (panel_shows (self, "This computer does not let us"));
  g_assert_true (has_button (self, "_Allow It…"));
  g_assert_true (window_bench_can (self, "win.permission"));
  g_assert_cmpstr (gtk_actionable_get_action_name (GTK_ACTIONABLE (
                       window_bench_find_button (GTK_WIDGET (get_panel (self)), "_Allow It…"))),
                   ==,
                   "win.permission");
  tell (self, PORT, UB_SIGHTING_PRELOADER, TRUE, UB_ACCESS_OK);
  g_assert_false (has_button (self, "_Allow It…"));
  tell (self, PORT, UB_SIGHTING_PRELOADER, TRUE, UB_ACCESS_BUSY);
  g_assert_true (panel_shows (self, "Another program is using the phone"));
}

static void
start_waiting (WindowBench *self)
{
  window_bench_wait (self, "Ready: press Download");
  window_bench_do (self, "session.start");
  window_bench_wait (self, "Waiting for the phone");
}

static void
stop_waiting (WindowBench *self)
{
  window_bench_do (self, "session.stop");
  window_bench_wait (self, "Stopped.");
}

/* three steps at first, then one thing after the other by time, and sooner when the person says so */
static void
test_next (WindowBench *self, gconstpointer data)
{
  UbGuidePicture first, second;

  start_waiting (self);
  g_assert_true (panel_shows (self, "Plug it into this computer."));
  g_assert_true (panel_shows (self, "No reaction? Unplug the phone. Hold volume down,"));
  g_assert_false (has_button (self, "That _Did Nothing"));
  ub_phone_panel_look (get_panel (self), in_seconds (15));
  g_assert_false (panel_shows (self, "Plug it into this computer."));
  g_assert_cmpint (get_picture (self), ==, UB_GUIDE_POWER);
  ub_phone_panel_look (get_panel (self), in_seconds (30));
  first = get_picture (self);
  g_assert_cmpint (first, >=, UB_GUIDE_VOLUME_DOWN);
  g_assert_cmpint (first, <=, UB_GUIDE_VOLUME_UP_POWER);
  ub_phone_panel_look (get_panel (self), in_seconds (60));
  g_assert_cmpint (get_picture (self), ==, UB_GUIDE_CABLE);
  ub_phone_panel_look (get_panel (self), in_seconds (90));
  first = get_picture (self);
  press (self, "That _Did Nothing");
  second = get_picture (self);
  g_assert_cmpint (second, !=, first);
  g_assert_true (panel_shows (self, "Nothing came."));
  stop_waiting (self);
  g_assert_false (has_button (self, "That _Did Nothing"));
}

/* keys that worked: let go, at once */
static void
test_let_go (WindowBench *self, gconstpointer data)
{
  start_waiting (self);
  ub_phone_panel_look (get_panel (self), in_seconds (30));
  come (self, UB_SIGHTING_BOOT_ROM);
  g_assert_cmpint (get_picture (self), ==, UB_GUIDE_LET_GO);
  g_assert_true (panel_shows (self, "Got it"));
  leave (self, UB_SIGHTING_BOOT_ROM);
  come (self, UB_SIGHTING_ANDROID);
  g_assert_cmpint (get_picture (self), !=, UB_GUIDE_LET_GO);
  stop_waiting (self);
}

/* one that comes and is gone at once: only the person knows whether its battery can be taken out */
static void
lose_three_times (WindowBench *self)
{
  start_waiting (self);
  for (guint i = 0; i < 3; i++)
    {
      /* not one for the session: it would talk to it */
      tell (self, "9-9", UB_SIGHTING_PRELOADER, TRUE, UB_ACCESS_OK);
      tell (self, "9-9", UB_SIGHTING_PRELOADER, FALSE, UB_ACCESS_OK);
    }
  g_assert_true (panel_shows (self, "The phone comes and goes"));
  g_assert_true (panel_shows (self, "Seen 3 times"));
}

static void
test_battery_yes (WindowBench *self, gconstpointer data)
{
  lose_three_times (self);
  press (self, "_Yes");
  g_assert_cmpint (get_picture (self), ==, UB_GUIDE_BATTERY_OUT);
  g_assert_false (has_button (self, "_Yes"));
  press (self, "That _Did Nothing");
  g_assert_cmpint (get_picture (self), ==, UB_GUIDE_BATTERY_IN);
  stop_waiting (self);
}

static void
test_battery_no (WindowBench *self, gconstpointer data)
{
  lose_three_times (self);
  press (self, "_No");
  g_assert_cmpint (get_picture (self), ==, UB_GUIDE_POWER);
  g_assert_false (has_button (self, "_No"));
  stop_waiting (self);
}

/* --- after the tick --- */

static UbDoneView *
get_done_view (WindowBench *self)
{
  return UB_DONE_VIEW (window_bench_find (GTK_WIDGET (self->window), UB_TYPE_DONE_VIEW));
}

static gboolean
done_view_shows (WindowBench *self, const char *text)
{
  return window_bench_shows (GTK_WIDGET (get_done_view (self)), text);
}

static void
outcome_cb (UbDoneView *view, int kind, int *outcome)
{
  g_assert_cmpint (*outcome, ==, -1);
  *outcome = kind;
}

static void
write_phone (WindowBench *self, int *outcome)
{
  *outcome = -1;
  window_bench_wait (self, "Ready: press Download");
  g_signal_connect (get_done_view (self), "outcome", G_CALLBACK (outcome_cb), outcome);
  window_bench_do (self, "session.start");
  ub_practice_source_plug (UB_PRACTICE_SOURCE (self->source));
  window_bench_wait (self, "Written to the phone");
  g_assert_true (done_view_shows (self, ub_aftermath_get_title (UB_AFTERMATH_WATCHING)));
  leave (self, UB_SIGHTING_PRELOADER);
}

static void
disconnect (WindowBench *self, int *outcome)
{
  g_signal_handlers_disconnect_by_func (get_done_view (self), outcome_cb, outcome);
}

/* nobody is told to unplug what is not there */
static void
test_unplugged (WindowBench *self, gconstpointer data)
{
  int outcome = -1;

  window_bench_wait (self, "Ready: press Download");
  window_bench_do (self, "session.start");
  ub_practice_source_plug (UB_PRACTICE_SOURCE (self->source));
  window_bench_wait (self, "Written to the phone");
  come (self, UB_SIGHTING_PRELOADER);
  g_assert_true (panel_shows (self, "You can unplug the phone"));
  g_assert_cmpint (get_picture (self), ==, UB_GUIDE_DONE);
  leave (self, UB_SIGHTING_PRELOADER);
  g_assert_false (panel_shows (self, "You can unplug the phone"));
  g_assert_true (panel_shows (self, "Nothing on the cable"));
  come (self, UB_SIGHTING_PRELOADER);
  g_assert_true (panel_shows (self, "The phone is starting"));
  disconnect (self, &outcome);
}

static void
test_started (WindowBench *self, gconstpointer data)
{
  UbSighting sighting = { .kind = UB_SIGHTING_ANDROID,
                          .present = TRUE,
                          .traits = UB_TRAIT_MTP,
                          .port = (char *) PORT };
  int        outcome;

  write_phone (self, &outcome);
  come (self, UB_SIGHTING_PRELOADER);
  leave (self, UB_SIGHTING_PRELOADER);
  g_assert_cmpint (outcome, ==, -1);
  ub_link_source_tell (self->source, &sighting);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_true (done_view_shows (self, ub_aftermath_get_title (UB_AFTERMATH_STARTED)));
  /* the circle stays */
  g_assert_true (done_view_shows (self, "Written to the phone"));
  g_assert_cmpint (outcome, ==, UB_AFTERMATH_STARTED);
  disconnect (self, &outcome);
}

static void
test_loops (WindowBench *self, gconstpointer data)
{
  int outcome;

  write_phone (self, &outcome);
  for (guint i = 0; i < 8; i++)
    {
      come (self, UB_SIGHTING_PRELOADER);
      leave (self, UB_SIGHTING_PRELOADER);
    }
  g_assert_true (done_view_shows (self, ub_aftermath_get_title (UB_AFTERMATH_LOOPS)));
  g_assert_true (done_view_shows (self, "Still watching: "));
  /* it may yet start: told when the time is over */
  g_assert_cmpint (outcome, ==, -1);
  ub_done_view_look (get_done_view (self), in_seconds (UB_AFTERMATH_SECONDS + 1));
  g_assert_cmpint (outcome, ==, UB_AFTERMATH_LOOPS);
  g_assert_false (done_view_shows (self, "Still watching: "));
  disconnect (self, &outcome);
}

static void
test_silent (WindowBench *self, gconstpointer data)
{
  int outcome;

  write_phone (self, &outcome);
  ub_done_view_look (get_done_view (self), in_seconds (UB_AFTERMATH_SECONDS - 5));
  g_assert_true (done_view_shows (self, ub_aftermath_get_title (UB_AFTERMATH_WATCHING)));
  g_assert_true (done_view_shows (self, "0:0"));
  ub_done_view_look (get_done_view (self), in_seconds (UB_AFTERMATH_SECONDS + 1));
  g_assert_true (done_view_shows (self, ub_aftermath_get_title (UB_AFTERMATH_SILENT)));
  g_assert_cmpint (outcome, ==, UB_AFTERMATH_SILENT);
  disconnect (self, &outcome);
}

/* --- what the practice phone does by itself: as its header says --- */

static void
pass (WindowBench *self, guint ms)
{
  ub_practice_source_pass (UB_PRACTICE_SOURCE (self->source), ms);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_practice_starts (WindowBench *self, gconstpointer data)
{
  int outcome;

  write_phone (self, &outcome);
  pass (self, 10000);
  g_assert_true (done_view_shows (self, ub_aftermath_get_title (UB_AFTERMATH_STARTED)));
  g_assert_cmpint (outcome, ==, UB_AFTERMATH_STARTED);
  g_assert_true (panel_shows (self, "The phone is switched on"));
  disconnect (self, &outcome);
}

/* without a boot image that is one it is as broken as it came */
static void
test_practice_loops (WindowBench *self, gconstpointer data)
{
  int outcome;

  window_bench_wait (self, "Ready: press Download");
  g_assert_true (
      gtk_widget_activate_action (window_bench_get_tick (self, "boot"), "row.toggle", NULL));
  write_phone (self, &outcome);
  pass (self, 10000);
  g_assert_true (done_view_shows (self, ub_aftermath_get_title (UB_AFTERMATH_WATCHING)));
  pass (self, 15000);
  g_assert_true (done_view_shows (self, ub_aftermath_get_title (UB_AFTERMATH_LOOPS)));
  disconnect (self, &outcome);
}

/* what was there before the phone was let go says nothing of what it does now */
static void
test_before (WindowBench *self, gconstpointer data)
{
  int outcome;

  write_phone (self, &outcome);
  come (self, UB_SIGHTING_BOOT_ROM);
  g_assert_true (done_view_shows (self, ub_aftermath_get_title (UB_AFTERMATH_BOOT_ROM)));
  tell (self, "2-1", UB_SIGHTING_PRELOADER, TRUE, UB_ACCESS_OK);
  /* the source tells at once what is there: not of this phone's doings, and no next one */
  ub_done_view_watch (get_done_view (self), self->source);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_true (done_view_shows (self, ub_aftermath_get_title (UB_AFTERMATH_WATCHING)));
  leave (self, UB_SIGHTING_BOOT_ROM);
  come (self, UB_SIGHTING_BOOT_ROM);
  g_assert_true (done_view_shows (self, ub_aftermath_get_title (UB_AFTERMATH_BOOT_ROM)));
  disconnect (self, &outcome);
}

/* other ports do not count, but a phone to write there ends the watch */
static void
test_next_phone (WindowBench *self, gconstpointer data)
{
  int outcome;

  write_phone (self, &outcome);
  tell (self, "2-1", UB_SIGHTING_ANDROID, TRUE, UB_ACCESS_UNKNOWN);
  g_assert_true (done_view_shows (self, ub_aftermath_get_title (UB_AFTERMATH_WATCHING)));
  g_assert_cmpint (get_picture (self), ==, UB_GUIDE_DONE);
  tell (self, "2-1", UB_SIGHTING_PRELOADER, TRUE, UB_ACCESS_OK);
  g_assert_true (panel_shows (self, "The phone is ready"));
  g_assert_cmpint (get_picture (self), ==, UB_GUIDE_PLUGGED);
  g_assert_false (done_view_shows (self, ub_aftermath_get_title (UB_AFTERMATH_WATCHING)));
  /* nothing is known of it: nothing is said */
  g_assert_cmpint (outcome, ==, -1);
  disconnect (self, &outcome);
}

static void
test_new_job (WindowBench *self, gconstpointer data)
{
  int outcome;

  write_phone (self, &outcome);
  ub_practice_source_unplug (UB_PRACTICE_SOURCE (self->source));
  come (self, UB_SIGHTING_RECOVERY);
  g_assert_true (done_view_shows (self, ub_aftermath_get_title (UB_AFTERMATH_RECOVERY)));
  g_assert_cmpint (outcome, ==, -1);
  window_bench_do (self, "session.again");
  g_assert_cmpint (outcome, ==, UB_AFTERMATH_RECOVERY);
  window_bench_wait (self, "Waiting for the phone");
  disconnect (self, &outcome);
  stop_waiting (self);
}

static void
show_history (WindowBench *self)
{
  GtkStack *pages = GTK_STACK (
      gtk_widget_get_ancestor (window_bench_find (GTK_WIDGET (self->window), UB_TYPE_HISTORY_PAGE),
                               GTK_TYPE_STACK));

  gtk_stack_set_visible_child_name (pages, "history");
  gtk_test_widget_wait_for_draw (GTK_WIDGET (self->window));
}

/* the first label that can be seen and begins so; the newest job is the first row */
static GtkWidget *
find_label (GtkWidget *widget, const char *start)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget) &&
      g_str_has_prefix (gtk_label_get_label (GTK_LABEL (widget)), start))
    return widget;
  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    {
      GtkWidget *found = find_label (c, start);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
history_shows (WindowBench *self, const char *start, const char *part)
{
  GtkWidget *page = window_bench_find (GTK_WIDGET (self->window), UB_TYPE_HISTORY_PAGE);
  GtkWidget *label = find_label (page, start);

  return label != NULL && strstr (gtk_label_get_label (GTK_LABEL (label)), part) != NULL;
}

/* the report that was saved at the tick is told what came of it, and stays one; who looks into the history sees it at once */
static void
test_report (WindowBench *self, gconstpointer data)
{
  g_autoptr (UbHistory) before = ub_history_new (NULL);
  g_autoptr (UbHistory) history = NULL;
  g_autoptr (UbHistoryEntry) entry = NULL;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (before));
  int   outcome;

  write_phone (self, &outcome);
  show_history (self);
  g_assert_true (history_shows (self, "Download only · Done · ", ""));
  g_assert_false (history_shows (self, "Download only · Done · ", "The phone came up"));
  come (self, UB_SIGHTING_FASTBOOT);
  ub_done_view_look (get_done_view (self), in_seconds (UB_AFTERMATH_SECONDS + 1));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_true (history_shows (self,
                                "Download only · Done · ",
                                ub_aftermath_get_title (UB_AFTERMATH_FASTBOOT)));
  g_assert_cmpint (outcome, ==, UB_AFTERMATH_FASTBOOT);
  history = ub_history_new (NULL);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (history)), ==, n + 1);
  entry = g_list_model_get_item (G_LIST_MODEL (history), 0);
  g_assert_cmpstr (ub_history_entry_get_after (entry), ==, "fastboot");
  g_assert_cmpint (g_remove (ub_history_entry_get_path (entry)), ==, 0);
  disconnect (self, &outcome);
}

/* whoever closes the window before the time is over keeps what is known */
static void
test_close (WindowBench *self, gconstpointer data)
{
  g_autoptr (UbHistory) history = NULL;
  g_autoptr (UbHistoryEntry) entry = NULL;
  int outcome;

  write_phone (self, &outcome);
  disconnect (self, &outcome);
  come (self, UB_SIGHTING_RECOVERY);
  gtk_window_destroy (GTK_WINDOW (self->window));
  history = ub_history_new (NULL);
  entry = g_list_model_get_item (G_LIST_MODEL (history), 0);
  g_assert_cmpstr (ub_history_entry_get_after (entry), ==, "recovery");
  g_assert_cmpint (g_remove (ub_history_entry_get_path (entry)), ==, 0);
}

/* --- one button for one thing --- */

static guint
count_buttons (GtkWidget *widget, const char *label)
{
  guint n = GTK_IS_BUTTON (widget) && gtk_widget_get_mapped (widget) &&
            g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0;

  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    n += count_buttons (c, label);
  return n;
}

static void
test_one_go_on (WindowBench *self, gconstpointer data)
{
  g_assert_true (ub_practice_phone_mischief (self->phone, "write-fail 0x1bd0000", NULL));
  window_bench_wait (self, "Ready: press Download");
  window_bench_do (self, "session.start");
  ub_practice_source_plug (UB_PRACTICE_SOURCE (self->source));
  window_bench_wait (self, "Not finished: the phone is only partly written");
  /* the bar above comes a moment later */
  window_bench_wait_button (self, "Give _Up");
  g_assert_cmpuint (count_buttons (GTK_WIDGET (self->window), "_Go On"), ==, 1);
  window_bench_do (self, "win.back");
  g_assert_cmpuint (count_buttons (GTK_WIDGET (self->window), "_Go On"), ==, 1);
}

static const WindowSetup empty = { 0 };
static const WindowSetup opened = { .open = TRUE };
static const WindowSetup real = { .open = TRUE, .real = TRUE };

#define ADD(name, setup, function)                                                                 \
  g_test_add ("/app/phone/" name,                                                                  \
              WindowBench,                                                                         \
              &setup,                                                                              \
              window_bench_set_up,                                                                 \
              function,                                                                            \
              window_bench_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  g_test_add_func ("/app/phone/pictures", test_pictures);
  g_test_add_func ("/app/phone/sharp", test_sharp);
  g_test_add_func ("/app/phone/picture-words", test_picture_words);
  ADD ("unasked", empty, test_unasked);
  ADD ("denied", empty, test_denied);
  ADD ("next", opened, test_next);
  ADD ("let-go", opened, test_let_go);
  ADD ("battery-yes", opened, test_battery_yes);
  ADD ("battery-no", opened, test_battery_no);
  ADD ("unplugged", opened, test_unplugged);
  ADD ("started", opened, test_started);
  ADD ("loops", opened, test_loops);
  ADD ("silent", opened, test_silent);
  ADD ("practice-starts", opened, test_practice_starts);
  ADD ("practice-loops", opened, test_practice_loops);
  ADD ("before", opened, test_before);
  ADD ("next-phone", opened, test_next_phone);
  ADD ("new-job", opened, test_new_job);
  ADD ("report", real, test_report);
  ADD ("close", real, test_close);
  ADD ("one-go-on", opened, test_one_go_on);
  return g_test_run ();
}
