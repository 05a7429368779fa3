/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib/gstdio.h>
#include <string.h>

#include "base/ub-error.h"
#include "engine/ub-session.h"
#include "firmware/ub-image.h"
#include "phone/ub-practice-phone.h"

#define MIB (1024 * 1024)

static const UbRegion regions[] = { UB_REGION_EMMC_BOOT1,
                                    UB_REGION_EMMC_BOOT2,
                                    UB_REGION_EMMC_USER };

/* a practice phone, a firmware that fits it, and what its flash held before */
typedef struct
{
  UbPracticePhone *phone;
  UbLinkSource    *source;
  char            *folder;
  char            *home; /* of this test: copies and journals */
  char            *copies;
  char            *jobs;
  UbFirmware      *firmware;
  guint8          *before[G_N_ELEMENTS (regions)];
  GCancellable    *cancellable;
  UbReport        *report;
  /* seen on the way */
  guint    states;
  int      n_guarded; /* atomic */
  guint    n_notifications;
  guint    n_pulled;
  guint64  last_done;
  gboolean ran_backwards;
} Bench;

static inline void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        remove_folder (path);
      else
        g_unlink (path);
    }
  g_rmdir (folder);
}

static inline guint8 *
dump (Bench *bench, UbRegion region)
{
  guint64 size = ub_practice_phone_get_size (bench->phone, region);
  guint8 *data = g_malloc (size);

  ub_practice_phone_peek (bench->phone, region, 0, data, size);
  return data;
}

static inline UbFirmware *
open_firmware (const char *folder)
{
  g_autoptr (GError) error = NULL;
  UbFirmware *firmware = ub_firmware_open (folder, NULL, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return firmware;
}

static inline Bench *
bench_new_full (const UbPracticePhoneOptions *options, gboolean sparse)
{
  Bench *bench = g_new0 (Bench, 1);
  g_autoptr (GError) error = NULL;

  bench->phone = ub_practice_phone_new (options, &error);
  g_assert_no_error (error);
  bench->folder = g_dir_make_tmp ("unbrick-session-XXXXXX", NULL);
  bench->home = g_dir_make_tmp ("unbrick-home-XXXXXX", NULL);
  bench->copies = g_build_filename (bench->home, "copies", NULL);
  bench->jobs = g_build_filename (bench->home, "jobs", NULL);
  ub_practice_firmware_write (bench->phone, bench->folder, 3 * MIB, sparse, &error);
  g_assert_no_error (error);
  bench->firmware = open_firmware (bench->folder);
  for (guint i = 0; i < G_N_ELEMENTS (regions); i++)
    bench->before[i] = dump (bench, regions[i]);
  bench->source = ub_practice_source_new (bench->phone, FALSE, 0, 0);
  ub_link_source_start (bench->source, &error);
  g_assert_no_error (error);
  bench->cancellable = g_cancellable_new ();
  return bench;
}

static inline Bench *
bench_new (const char *chip, UbEnter enter)
{
  const UbPracticePhoneOptions options = { .chip = chip, .enter = enter };

  return bench_new_full (&options, FALSE);
}

static inline void
bench_free (Bench *bench)
{
  ub_link_source_stop (bench->source);
  g_clear_object (&bench->source);
  g_clear_object (&bench->report);
  g_clear_object (&bench->firmware);
  g_clear_object (&bench->cancellable);
  ub_practice_phone_free (bench->phone);
  for (guint i = 0; i < G_N_ELEMENTS (regions); i++)
    g_free (bench->before[i]);
  remove_folder (bench->folder);
  remove_folder (bench->home);
  g_free (bench->folder);
  g_free (bench->home);
  g_free (bench->copies);
  g_free (bench->jobs);
  g_free (bench);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Bench, bench_free)

static inline void
mischief (Bench *bench, const char *line)
{
  g_autoptr (GError) error = NULL;

  ub_practice_phone_mischief (bench->phone, line, &error);
  g_assert_no_error (error);
}

static inline void
on_notify (UbSession *session, GParamSpec *pspec, Bench *bench)
{
  guint64 done = ub_session_get_done_bytes (session);

  bench->n_notifications++;
  bench->states |= 1u << ub_session_get_state (session);
  bench->ran_backwards = bench->ran_backwards || done < bench->last_done;
  bench->last_done = done;
  g_assert_cmpfloat (ub_session_get_fraction (session), <=, 1);
}

static inline void
on_done (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;

  bench->report = ub_session_run_finish (UB_SESSION (object), result);
}

/* whatever a test asks for, nothing of it lands in the real home */
static inline UbSession *
session_new (Bench *bench, UbPlan *plan, const UbSessionOptions *options)
{
  UbSessionOptions mine = options != NULL ? *options : (UbSessionOptions){ 0 };

  mine.copies_folder = bench->copies;
  mine.journal_folder = bench->jobs;
  return ub_session_new (plan, bench->source, &mine);
}

static inline UbSession *
run_with (Bench *bench, UbPlan *plan, const UbSessionOptions *options)
{
  UbSession *session = session_new (bench, plan, options);

  g_clear_object (&bench->report);
  bench->last_done = 0;
  g_signal_connect (session, "notify", G_CALLBACK (on_notify), bench);
  ub_session_run_async (session, bench->cancellable, on_done, bench);
  while (bench->report == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handlers_disconnect_by_data (session, bench);
  return session;
}

static inline void
run_plan (Bench *bench, UbPlan *plan, const UbSessionOptions *options)
{
  g_object_unref (run_with (bench, plan, options));
}

static inline UbPlan *
plan_all (Bench *bench)
{
  const UbPlanChoice choice = { .mode = UB_MODE_DOWNLOAD_ONLY };

  return ub_plan_new (bench->firmware, &choice);
}

static inline void
run (Bench *bench)
{
  const UbSessionOptions options = { .wait_ms = 60000, .trace = TRUE };
  g_autoptr (UbPlan) plan = plan_all (bench);
  run_plan (bench, plan, &options);
}

/* --- what the flash should hold --- */

static inline void
overlay_image (guint8 *region, const UbStep *step)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbImage) image = ub_image_open (step->image_path, &error);
  UbImageExtent extent;

  g_assert_no_error (error);
  while (ub_image_next (image, &extent, &error))
    {
      guint8 *at = region + step->offset + extent.offset;

      if (extent.is_fill)
        for (guint64 i = 0; i < extent.length; i++)
          at[i] = (guint8) (extent.fill >> (8 * (i % 4)));
      else
        g_assert_true (ub_image_read (image, at, extent.length, &error));
      if (extent.offset + extent.length == ub_image_get_size (image))
        memset (at + extent.length, 0, (512 - extent.length % 512) % 512);
    }
  g_assert_no_error (error);
}

static inline void
overlay_preloader (guint8 *region, const UbStep *step)
{
  g_autofree char *data = NULL;
  gsize            size;

  g_assert_true (g_file_get_contents (step->image_path, &data, &size, NULL));
  g_assert_cmpmem (region + step->offset, 9, "EMMC_BOOT", 9);
  g_assert_cmpmem (region + step->offset + 0x800, size, data, size);
}

static inline guint8 *
expected (Bench *bench, guint i, guint8 *after)
{
  GPtrArray *steps = ub_plan_get_steps (ub_report_get_plan (bench->report));
  guint64    size = ub_practice_phone_get_size (bench->phone, regions[i]);
  guint8    *data = g_memdup2 (bench->before[i], size);

  for (guint j = 0; j < steps->len; j++)
    {
      const UbStep *step = g_ptr_array_index (steps, j);

      if (step->region != regions[i] || step->kind != UB_STEP_WRITE)
        continue;
      if (step->partition->role != UB_ROLE_PRELOADER)
        overlay_image (data, step);
      else
        {
          /* header and file are looked at here, what is behind them below */
          gsize end = (step->length + 511) / 512 * 512;

          overlay_preloader (after, step);
          memcpy (data + step->offset, after + step->offset, end);
        }
    }
  return data;
}

static inline void
assert_only_images_written (Bench *bench)
{
  for (guint i = 0; i < G_N_ELEMENTS (regions); i++)
    {
      guint64            size = ub_practice_phone_get_size (bench->phone, regions[i]);
      g_autofree guint8 *after = dump (bench, regions[i]);
      g_autofree guint8 *wanted = expected (bench, i, after);

      for (guint64 at = 0; at < size; at += 512)
        if (memcmp (after + at, wanted + at, 512) != 0)
          g_error ("%s differs at 0x%" G_GINT64_MODIFIER "x", ub_region_to_string (regions[i]), at);
    }
}

static inline void
assert_untouched (Bench *bench)
{
  g_assert_cmpuint (ub_practice_phone_get_writes (bench->phone), ==, 0);
  g_assert_false (ub_report_was_written (bench->report));
  for (guint i = 0; i < G_N_ELEMENTS (regions); i++)
    {
      guint64            size = ub_practice_phone_get_size (bench->phone, regions[i]);
      g_autofree guint8 *after = dump (bench, regions[i]);

      g_assert_cmpint (memcmp (after, bench->before[i], size), ==, 0);
    }
}

static inline void
assert_done (Bench *bench)
{
  g_assert_no_error (ub_report_get_error (bench->report));
  g_assert_cmpint (ub_report_get_result (bench->report), ==, UB_RESULT_DONE);
  g_assert_true (ub_practice_phone_was_finished (bench->phone));
}

static inline void
assert_failed (Bench *bench, int code)
{
  g_assert_cmpint (ub_report_get_result (bench->report), ==, UB_RESULT_FAILED);
  g_assert_error (ub_report_get_error (bench->report), UB_ERROR, code);
}

/* is it seen on the bus again within ten seconds? */
static inline gboolean
comes_back (Bench *bench)
{
  for (guint i = 0; i < 1000; i++)
    {
      ub_practice_phone_advance (bench->phone, 10);
      if (i > 10 && ub_practice_phone_is_present (bench->phone))
        return TRUE;
    }
  return FALSE;
}
