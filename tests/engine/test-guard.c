/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* No write, erase or format command reaches the phone before the safety copy is on disk, whole and
 * of the phone as it was: for each kind of job, whatever goes wrong on the way. The practice phone
 * itself asks at each such command (guard_cb() in cut-bench.h). */

#include "tests/engine/cut-scene.h"

#include <signal.h>
#include <sys/resource.h>

typedef struct
{
  Scene      *scene;
  const char *folder;
  const char *mischief; /* (nullable) */
  const char *missing;  /* (nullable): the part that cannot be read */
  guint       consents;
  rlim_t      limit; /* bytes that go into a file; 0: any */
} Run;

typedef enum
{
  ENDED_DONE,
  ENDED_UNTOUCHED, /* not done, and the phone is as it was */
  ENDED_HALF,      /* not done, and it was written to */
  ENDED_BADLY,     /* not done, not written to, and yet not as it was */
} Ended;

static Ended
how_ended (Job *job, gboolean done)
{
  Dump     now = dump_phone (job->scene, job->phone);
  gboolean same = memcmp (now.data, job->scene->initial.data, now.size) == 0;

  g_free (now.data);
  if (done)
    return ENDED_DONE;
  if (job->n_asked > 0)
    return ENDED_HALF;
  return same ? ENDED_UNTOUCHED : ENDED_BADLY;
}

static int
run_with_fault (gpointer user_data)
{
  Run *run = user_data;
  Job  job;
  g_autoptr (UbPlan) plan = make_plan (run->scene);
  g_autoptr (GError) error = NULL;

  begin_job (&job, run->scene, run->folder, &run->scene->initial);
  job.consents = run->consents;
  job.missing = run->missing;
  if (run->mischief != NULL)
    ub_practice_phone_mischief (job.phone, run->mischief, &error);
  g_assert_no_error (error);
  if (run->limit != 0)
    {
      signal (SIGXFSZ, SIG_IGN);
      setrlimit (RLIMIT_FSIZE, &(struct rlimit){ run->limit, run->limit });
    }
  return 10 + (int) how_ended (&job, run_job (&job, plan, NULL));
}

static Ended
run_fault (Run *run)
{
  g_autofree char *folder = g_build_filename (run->scene->root, "run", NULL);
  int              status;

  run->folder = folder;
  status = in_child (run_with_fault, run);
  remove_tree (folder);
  if (status < 10)
    g_error ("%s: %s", run->scene->scenario->name, run->mischief != NULL ? run->mischief : "disk");
  g_assert_cmpint (status, <=, 10 + ENDED_HALF);
  return (Ended) (status - 10);
}

/* at the longest, the copy's largest file fits, and the job is done */
static void
check_full_disk (Scene *scene)
{
  static const rlim_t limits[] = { 1, 500, 2000, 10000, 40000, 100000, 180000 };

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      Run run = { .scene = scene, .consents = ~0u, .limit = limits[i] };

      g_assert_cmpint (run_fault (&run), ==, ENDED_UNTOUCHED);
    }
}

/* what is the phone's own and cannot be read: without a yes nothing happens */
static void
check_unreadable (Scene *scene)
{
  GPtrArray *parts = ub_firmware_get_partitions (scene->old);

  for (guint i = 0; i < parts->len; i++)
    {
      const UbPartition *part = g_ptr_array_index (parts, i);
      g_autofree char   *line =
          g_strdup_printf ("read-fail %" G_GUINT64_FORMAT, part->start + part->size / 2);
      Run run = { .scene = scene, .mischief = line, .missing = part->name };

      if (part->role != UB_ROLE_PROTECTED || !is_in_user_area (scene, part))
        continue;
      run.consents = ~(1u << UB_QUESTION_COPY_INCOMPLETE);
      g_assert_cmpint (run_fault (&run), ==, ENDED_UNTOUCHED);
      run.consents = ~0u;
      g_assert_cmpint (run_fault (&run), !=, ENDED_BADLY);
    }
}

static void
check_mischief (Scene *scene)
{
  static const char *const lines[] = {
    "bad-sum 2",
    "write-fail 0x60000",
    "write-fail boot1:0x1000",
    "write-fail 0x5000",
    "unplug-at-command agent:62",
    "unplug-at-command agent:d4",
    "full",
    "silent-at-command agent:d6",
    "silent-at-command agent:62",
    "dram-fail",
    "refuse-agent 2001",
    "wrong-chip 6572",
    "silent-after-jump",
    "garbage-at-handshake",
    "read-fail boot1:0x100",
    "read-fail boot2:0",
    "read-fail 0",
    "slow 30",
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      Run run = { .scene = scene, .mischief = lines[i], .consents = ~0u };

      /* what the phone starts with cannot be saved either */
      if (g_str_has_prefix (lines[i], "read-fail"))
        {
          run.consents = 0;
          g_assert_cmpint (run_fault (&run), ==, ENDED_UNTOUCHED);
          continue;
        }
      run_fault (&run);
    }
}

static void
test_scenario (gconstpointer data)
{
  Scene scene;

  open_scene (&scene, data);
  if (scene.backup == NULL) /* of a wiped phone there is little to save */
    check_full_disk (&scene);
  if (scene.backup == NULL)
    check_unreadable (&scene);
  check_mischief (&scene);
  close_scene (&scene);
}

/* what framed agents do about it they do in all modes alike */
static gboolean
is_wanted (const Scenario *scenario)
{
  return !scenario->framed || scenario->mode == UB_MODE_FIRMWARE_UPGRADE ||
         scenario->mode == UB_MODE_SINGLE || scenario->mode == UB_MODE_ERASE;
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (scenarios); i++)
    {
      g_autofree char *path = g_strconcat ("/engine/guard/", scenarios[i].name, NULL);

      if (is_wanted (&scenarios[i]))
        g_test_add_data_func (path, &scenarios[i], test_scenario);
    }
  return g_test_run ();
}
