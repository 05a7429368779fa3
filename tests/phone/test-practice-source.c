/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "client.h"

#include "base/ub-error.h"

#define MIB (1024 * 1024)

typedef struct
{
  UbPracticePhone *phone;
  UbLinkSource    *source;
} Cable;

static void
lay_cable (Cable *cable, UbEnter enter, guint plug_after_ms)
{
  UbPracticePhoneOptions options = make_options ("MT6580", enter);
  g_autoptr (GError) error = NULL;

  cable->phone = ub_practice_phone_new (&options, &error);
  g_assert_no_error (error);
  cable->source = ub_practice_source_new (cable->phone, FALSE, 0, plug_after_ms);
  g_assert_true (ub_link_source_start (cable->source, &error));
}

static void
take_away (Cable *cable)
{
  ub_link_source_stop (cable->source);
  g_object_unref (cable->source);
  ub_practice_phone_free (cable->phone);
}

static UbLink *
wait_for (Cable *cable)
{
  g_autoptr (GError) error = NULL;
  UbLink *link = ub_link_source_wait (cable->source, NULL, 10000, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (link);
  return link;
}

static void
test_plug_after (void)
{
  Cable cable;
  g_autoptr (UbLink) link = NULL;
  g_autoptr (GError) error = NULL, other = NULL;

  lay_cable (&cable, UB_ENTER_PRELOADER, 5000);
  g_assert_null (ub_link_source_wait (cable.source, NULL, 1000, NULL, &error));
  g_assert_error (error, UB_ERROR, UB_ERROR_NO_PHONE);
  link = wait_for (&cable);
  g_assert_cmphex (ub_link_get_product (link), ==, 0x0e8d2000);
  g_assert_cmpint (ub_link_now (link), >=, 5000 * 1000);
  g_assert_null (ub_link_source_wait (cable.source, "7-7", 1000, NULL, &other));
  g_assert_error (other, UB_ERROR, UB_ERROR_NO_PHONE);
  g_clear_object (&link);
  take_away (&cable);
}

/* the window closes, the link is lost; the next visit is another one */
static void
test_comes_and_goes (void)
{
  Cable cable;
  g_autoptr (UbLink) link = NULL;
  g_autoptr (GError) lost = NULL, error = NULL;
  guint8 byte;
  guint  n = 0;

  lay_cable (&cable, UB_ENTER_PRELOADER, 0);
  link = wait_for (&cable);
  while (ub_link_receive_some (link, &byte, 1, 5000, &lost) == 1)
    n++;
  g_assert_error (lost, UB_ERROR, UB_ERROR_LINK_LOST);
  g_assert_cmpuint (n, >, 100); /* READY READY … */
  g_assert_true (ub_link_reopen (link, 10000, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (ub_link_send (link, (const guint8 *) "\xa0\xa0", 2, 1000, &error));
  g_assert_true (ub_link_receive (link, &byte, 1, 1000, &error));
  g_clear_object (&link);
  take_away (&cable);
}

static void
test_silence (void)
{
  Cable cable;
  g_autoptr (UbLink) link = NULL;
  g_autoptr (GError) error = NULL;
  guint8 byte;
  gint64 before;

  lay_cable (&cable, UB_ENTER_BOOT_ROM, 0);
  link = wait_for (&cable);
  before = ub_link_now (link);
  g_assert_cmpint (ub_link_receive_some (link, &byte, 1, 3000, &error), ==, -1);
  g_assert_error (error, UB_ERROR, UB_ERROR_LINK_TIMEOUT);
  g_assert_cmpint (ub_link_now (link) - before, ==, 3000 * 1000);
  ub_link_sleep (link, 1000);
  g_assert_cmpint (ub_link_now (link) - before, ==, 4000 * 1000);
  g_clear_object (&link);
  take_away (&cable);
}

static void
test_unplug (void)
{
  Cable cable;
  g_autoptr (UbLink) link = NULL;
  g_autoptr (GError) lost = NULL, error = NULL;

  lay_cable (&cable, UB_ENTER_BOOT_ROM, 0);
  link = wait_for (&cable);
  ub_practice_source_unplug (UB_PRACTICE_SOURCE (cable.source));
  g_assert_false (ub_link_send (link, (const guint8 *) "\xa0", 1, 1000, &lost));
  g_assert_error (lost, UB_ERROR, UB_ERROR_LINK_LOST);
  ub_practice_source_plug (UB_PRACTICE_SOURCE (cable.source));
  g_clear_error (&lost);
  g_assert_false (ub_link_send (link, (const guint8 *) "\xa0", 1, 1000, &lost)); /* another visit */
  g_assert_true (ub_link_reopen (link, 1000, NULL, &error));
  g_assert_true (ub_link_send (link, (const guint8 *) "\xa0", 1, 1000, &error));
  g_clear_object (&link);
  take_away (&cable);
}

/* somebody stands beside it and plugs it in again, as often as it takes */
static void
test_replug (void)
{
  Cable cable;
  g_autoptr (UbLink) link = NULL;
  g_autoptr (GError) error = NULL;

  lay_cable (&cable, UB_ENTER_BOOT_ROM, 0);
  ub_practice_source_set_replug (UB_PRACTICE_SOURCE (cable.source), 500);
  link = wait_for (&cable);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GError) lost = NULL;

      g_assert_true (ub_practice_phone_mischief (cable.phone, "unplug-after-messages 1", &error));
      g_assert_true (ub_link_send (link, (const guint8 *) "\xa0", 1, 1000, &error));
      g_assert_false (ub_link_send (link, (const guint8 *) "\xa0", 1, 1000, &lost));
      g_assert_error (lost, UB_ERROR, UB_ERROR_LINK_LOST);
      g_clear_object (&link);
      link = wait_for (&cable);
    }
  g_clear_object (&link);
  take_away (&cable);
}

static gpointer
cancel_thread (gpointer data)
{
  g_cancellable_cancel (data);
  return NULL;
}

/* nothing will ever happen by itself: the wait blocks, and is cancelled */
static void
test_cancel (void)
{
  Cable cable;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;

  lay_cable (&cable, UB_ENTER_BOOT_ROM, G_MAXUINT);
  thread = g_thread_new ("cancel", cancel_thread, cancellable);
  g_assert_null (ub_link_source_wait (cable.source, NULL, 0, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  take_away (&cable);
}

static void
count_cb (const UbSighting *sighting, gpointer user_data)
{
  guint *counts = user_data;

  counts[sighting->present ? 0 : 1]++;
  counts[2] = sighting->appearances;
  g_assert_cmpint (sighting->kind, ==, UB_SIGHTING_PRELOADER);
}

static void
test_sightings (void)
{
  Cable cable;
  g_autoptr (UbLink) link = NULL;
  guint counts[3] = { 0 }, id;

  lay_cable (&cable, UB_ENTER_PRELOADER, 0);
  id = ub_link_source_subscribe (cable.source, NULL, count_cb, counts);
  link = wait_for (&cable);
  ub_link_sleep (link, 2 * 5500);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (counts[0], ==, 3);
  g_assert_cmpuint (counts[1], ==, 2);
  g_assert_cmpuint (counts[2], ==, 3);
  ub_link_source_unsubscribe (cable.source, id);
  g_clear_object (&link);
  take_away (&cable);
}

typedef struct
{
  guint  n, kinds[8];
  gint64 times[8];
} Story;

static void
tell_story_cb (const UbSighting *sighting, gpointer user_data)
{
  Story *story = user_data;

  if (!sighting->present)
    return;
  g_assert_cmpuint (story->n, <, G_N_ELEMENTS (story->kinds));
  story->kinds[story->n] = sighting->kind;
  story->times[story->n++] = sighting->time_us;
}

/* time goes by where nobody waits, too: what a phone does after a job */
static void
test_pass (void)
{
  Cable  cable;
  Story  story = { 0 };
  gint64 before = g_get_monotonic_time ();
  guint  id;

  lay_cable (&cable, UB_ENTER_PRELOADER, 0);
  id = ub_link_source_subscribe (cable.source, NULL, tell_story_cb, &story);
  ub_practice_source_pass (UB_PRACTICE_SOURCE (cable.source), 2495);
  ub_practice_source_pass (UB_PRACTICE_SOURCE (cable.source), 3000);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (story.n, ==, 1);
  ub_practice_source_pass (UB_PRACTICE_SOURCE (cable.source), 5600);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (story.n, ==, 3);
  for (guint i = 0; i < story.n; i++)
    g_assert_cmpuint (story.kinds[i], ==, UB_SIGHTING_PRELOADER);
  g_assert_cmpint (story.times[0], >=, before);
  g_assert_cmpint (story.times[2] - story.times[1], >=, 5400 * 1000);
  ub_link_source_unsubscribe (cable.source, id);
  take_away (&cable);
}

/* with a clock on the wall, and bytes that take their time */
static void
test_real_time (void)
{
  UbPracticePhoneOptions options = make_options ("MT6580", UB_ENTER_BOOT_ROM);
  g_autoptr (GError) error = NULL;
  UbPracticePhone *phone = ub_practice_phone_new (&options, &error);
  g_autoptr (UbLinkSource) source = ub_practice_source_new (phone, TRUE, 10 * MIB, 30);
  g_autoptr (UbLink) link = NULL;
  g_autofree guint8 *bytes = g_malloc0 (MIB);
  gint64             before;
  guint8             byte;

  g_assert_true (ub_link_source_start (source, &error));
  link = ub_link_source_wait (source, NULL, 20000, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (ub_link_send (link, (const guint8 *) "\xa0", 1, 1000, &error));
  g_assert_true (ub_link_receive (link, &byte, 1, 1000, &error));
  g_assert_cmphex (byte, ==, 0x5f);
  before = g_get_monotonic_time ();
  g_assert_true (ub_link_send (link, bytes, MIB, 1000, &error));
  g_assert_cmpint (g_get_monotonic_time () - before, >=, 90 * 1000);
  g_clear_object (&link);
  ub_link_source_stop (source);
  g_clear_object (&source);
  ub_practice_phone_free (phone);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/phone/source/plug-after", test_plug_after);
  g_test_add_func ("/phone/source/comes-and-goes", test_comes_and_goes);
  g_test_add_func ("/phone/source/silence", test_silence);
  g_test_add_func ("/phone/source/unplug", test_unplug);
  g_test_add_func ("/phone/source/replug", test_replug);
  g_test_add_func ("/phone/source/cancel", test_cancel);
  g_test_add_func ("/phone/source/sightings", test_sightings);
  g_test_add_func ("/phone/source/pass", test_pass);
  g_test_add_func ("/phone/source/real-time", test_real_time);
  return g_test_run ();
}
