/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tests/engine/test-bench.h"
#include "tests/engine/test-cut-source.h"

/* jobs of every mode, and what is done to them on the way */

#define REPLUG_MS 500

static const UbPracticePhoneOptions gpt_phone = { .chip = "MT6580" };
static inline UbPlan *
plan_mode (Bench *bench, UbMode mode, gboolean verify_all)
{
  const UbPlanChoice choice = { .mode = mode, .verify_all = verify_all };

  return ub_plan_new (bench->firmware, &choice);
}

static inline UbSessionOptions
options_new (void)
{
  return (UbSessionOptions){ .wait_ms = 60000,
                             .consents = 1u << UB_QUESTION_DANGER | 1u << UB_QUESTION_REPAIR };
}

static inline void
run_mode (Bench *bench, UbMode mode, gboolean verify_all)
{
  const UbSessionOptions options = options_new ();
  g_autoptr (UbPlan) plan = plan_mode (bench, mode, verify_all);

  run_plan (bench, plan, &options);
}

/* a new session, as after the program was killed */
static inline void
run_journal (Bench *bench)
{
  UbSessionOptions options = options_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_strdup (ub_report_get_can_go_on (bench->report));
  g_autoptr (UbJournal) journal = ub_journal_open (path, &error);
  g_autoptr (UbPlan) plan = NULL;

  g_assert_no_error (error);
  plan = ub_journal_dup_plan (journal, NULL, &error);
  g_assert_no_error (error);
  options.journal = journal;
  options.consents = 0;
  run_plan (bench, plan, &options);
}

static inline gboolean
may_go_on (Bench *bench)
{
  return ub_report_get_can_go_on (bench->report) != NULL;
}

static inline guint
count_journals (Bench *bench)
{
  g_autoptr (GPtrArray) journals = ub_journal_list (bench->jobs);

  return journals->len;
}

static inline gboolean
has_finding (Bench *bench, const char *text)
{
  const char *const *findings = ub_report_get_findings (bench->report);

  for (gsize i = 0; findings[i] != NULL; i++)
    if (strstr (findings[i], text) != NULL)
      return TRUE;
  return FALSE;
}

static inline void
set_replug (Bench *bench)
{
  ub_practice_source_set_replug (UB_PRACTICE_SOURCE (bench->source), REPLUG_MS);
}

static inline void
plug (Bench *bench)
{
  ub_practice_source_plug (UB_PRACTICE_SOURCE (bench->source));
}

static inline void
spoil (Bench *bench, const char *name, guint64 offset)
{
  static const guint8 junk[16] = "spoilt spoilt s";
  const UbPartition  *part = ub_firmware_find_partition (bench->firmware, UB_STORAGE_EMMC, name);

  ub_practice_phone_poke (bench->phone, part->region, part->start + offset, junk, sizeof junk);
}

typedef struct
{
  guint8 *data[G_N_ELEMENTS (regions)];
  guint64 input;
  guint64 written;
} Reference;

static inline void
reference_clear (Reference *reference)
{
  for (gsize i = 0; i < G_N_ELEMENTS (regions); i++)
    g_free (reference->data[i]);
}

static inline void
make_reference (Reference *reference, const UbPracticePhoneOptions *options, UbMode mode)
{
  g_autoptr (Bench) bench = bench_new_full (options, FALSE);
  guint64 before = ub_practice_phone_get_input_bytes (bench->phone);

  run_mode (bench, mode, FALSE);
  assert_done (bench);
  for (gsize i = 0; i < G_N_ELEMENTS (regions); i++)
    reference->data[i] = dump (bench, regions[i]);
  reference->input = ub_practice_phone_get_input_bytes (bench->phone) - before;
  reference->written = ub_report_get_bytes (bench->report);
}

static inline void
assert_like (Bench *bench, const Reference *reference)
{
  for (gsize i = 0; i < G_N_ELEMENTS (regions); i++)
    {
      guint64            size = ub_practice_phone_get_size (bench->phone, regions[i]);
      g_autofree guint8 *after = dump (bench, regions[i]);

      for (guint64 at = 0; at < size; at += 512)
        if (memcmp (after + at, reference->data[i] + at, 512) != 0)
          g_error ("%s differs at 0x%" G_GINT64_MODIFIER "x", ub_region_to_string (regions[i]), at);
    }
}

static inline void
unplug_at (Bench *bench, const Reference *reference, guint i, guint n)
{
  g_autofree char *line =
      g_strdup_printf ("unplug-after-bytes %" G_GUINT64_FORMAT, 1 + reference->input * i / n);

  mischief (bench, line);
}

static inline void
cut (Bench *bench, guint64 cancel_at)
{
  TestCutSource *source = test_cut_source_new (bench->source, bench->cancellable);

  source->cancel_at = cancel_at;
  g_object_unref (bench->source);
  bench->source = UB_LINK_SOURCE (source);
}

static inline void
replug (Bench *bench)
{
  ub_practice_phone_unplug (bench->phone);
  plug (bench);
}
