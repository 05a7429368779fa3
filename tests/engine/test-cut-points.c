/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

/* Every cut point: for each kind of job, the cable is pulled after each message, each 4 or 16 KiB to
 * the phone and as many from it, and plugged in again; pulled there and once more on the way back;
 * and the program is killed at the same places, and at each change it makes on the disk (in the
 * middle of what it writes), and started again. In the end the flash must be what it is after an
 * undisturbed job.
 *
 * UB_CUT_STRIDE: only each so-manyth point (1: all of them). UB_CUT_WORKERS: processes at once.
 * UB_CUT_POINT: "messages:55", "to-phone:55", "from-phone:55", with ":twice" or ":killed" behind it:
 * this one alone. UB_CUT_KIND: "messages" …: those alone. */

#include "tests/engine/cut-scene.h"

#include <sys/mman.h>

#define STRIDE 24
#define PIECE 65536

typedef enum
{
  CUT_MESSAGES,
  CUT_TO_PHONE,
  CUT_FROM_PHONE,
  CUT_FILES, /* killed alone */
  N_CUTS,
} CutKind;

static const char *const cut_names[N_CUTS] = { "messages", "to-phone", "from-phone", "files" };
static const char *const cut_lines[N_CUTS] = { "unplug-after-messages",
                                               "unplug-after-bytes",
                                               "unplug-after-output-bytes",
                                               NULL };

typedef enum
{
  CUT_ONCE,
  CUT_TWICE,
  CUT_KILLED,
  N_HOWS,
} CutHow;

static const char *const how_names[N_HOWS] = { "once", "twice", "killed" };

typedef struct
{
  CutKind kind;
  guint64 n; /* messages, or grains of bytes */
  CutHow  how;
} Point;

/* seen by all processes */
typedef struct
{
  guint64 counts[N_CUTS]; /* of the undisturbed job */
  guint   n_points, n_failures;
} Shared;

/* --- what the job changes on the disk: calls of the engine that the linker leads here --- */

/* of this process; the only way to tell functions that the C library's callers know by name */
static struct
{
  Job    *job; /* NULL: nobody counts */
  guint64 n;
  guint64 left; /* calls before it is killed; 0: never */
} disk;

/* TRUE: now. Whoever asks may still do half of what it was asked for */
static gboolean
is_killed_now (void)
{
  if (__atomic_load_n (&disk.job, __ATOMIC_ACQUIRE) == NULL)
    return FALSE;
  __atomic_add_fetch (&disk.n, 1, __ATOMIC_RELAXED);
  return disk.left > 0 && --disk.left == 0;
}

static void
fall_dead (void)
{
  Job *job = g_steal_pointer (&disk.job);

  _exit (store_dump (job, job->dump_path) ? 0 : 1);
}

#define WRAP(type, name, parameters, arguments)                                                    \
  type __real_##name parameters;                                                                   \
  type __wrap_##name parameters;                                                                   \
  type __wrap_##name parameters                                                                    \
  {                                                                                                \
    if (is_killed_now ())                                                                          \
      fall_dead ();                                                                                \
    return __real_##name arguments;                                                                \
  }

WRAP (int, fsync, (int fd), (fd))
WRAP (int, fdatasync, (int fd), (fd))
WRAP (int, rename, (const char *from, const char *to), (from, to))
WRAP (int, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP (int, unlinkat, (int fd, const char *path, int flags), (fd, path, flags))
WRAP (int, ftruncate64, (int fd, off_t length), (fd, length))
WRAP (int, g_unlink, (const char *path), (path))
WRAP (int, g_rmdir, (const char *path), (path))

gssize __real_write (int fd, const void *data, gsize size);
gssize __wrap_write (int fd, const void *data, gsize size);
gssize __real_pwrite64 (int fd, const void *data, gsize size, off_t offset);
gssize __wrap_pwrite64 (int fd, const void *data, gsize size, off_t offset);

gssize
__wrap_write (int fd, const void *data, gsize size)
{
  if (is_killed_now () && __real_write (fd, data, size / 2) >= 0)
    fall_dead ();
  return __real_write (fd, data, size);
}

gssize
__wrap_pwrite64 (int fd, const void *data, gsize size, off_t offset)
{
  if (is_killed_now () && __real_pwrite64 (fd, data, size / 2, offset) >= 0)
    fall_dead ();
  return __real_pwrite64 (fd, data, size, offset);
}

/* --- the undisturbed job --- */

typedef struct
{
  Scene      *scene;
  Shared     *shared;
  const char *folder;
  Point       point;
  Dump        after; /* of the undisturbed job */
} Run;

static const UbPartition *
find_new_place (Scene *scene, const UbPartition *old)
{
  const UbPartition *place = ub_firmware_find_partition (scene->firmware, old->storage, old->name);

  g_assert_nonnull (place);
  return place;
}

/* what is the phone's own has the same bytes as before, wherever it lies now */
static void
check_protected (Scene *scene, const Dump *now)
{
  GPtrArray *parts = ub_firmware_get_partitions (scene->old);
  guint      n = 0;

  for (guint i = 0; i < parts->len; i++)
    {
      const UbPartition *part = g_ptr_array_index (parts, i);
      const UbPartition *place;

      if (part->role != UB_ROLE_PROTECTED || !is_in_user_area (scene, part))
        continue;
      place = find_new_place (scene, part);
      n++;
      if (memcmp (scene->initial.data + region_at (part->region) + part->start,
                  now->data + region_at (part->region) + place->start,
                  MIN (part->size, place->size)) != 0)
        die ("the undisturbed job loses", part->name);
    }
  g_assert_cmpuint (n, >=, 4);
}

static int
run_undisturbed (gpointer user_data)
{
  Run  *run = user_data;
  gsize grain = run->scene->scenario->grain;
  Job   job;
  Dump  now;
  g_autoptr (UbPlan) plan = make_plan (run->scene);

  begin_job (&job, run->scene, run->folder, &run->scene->initial);
  g_mkdir_with_parents (run->folder, 0700);
  disk.job = &job;
  if (!run_job (&job, plan, NULL))
    return 1;
  disk.job = NULL;
  now = dump_phone (run->scene, job.phone);
  if (run->scene->wanted.data != NULL)
    g_assert_cmpmem (now.data, now.size, run->scene->wanted.data, run->scene->wanted.size);
  else
    check_protected (run->scene, &now);
  run->shared->counts[CUT_MESSAGES] = ub_practice_phone_get_input_messages (job.phone);
  run->shared->counts[CUT_TO_PHONE] = ub_practice_phone_get_input_bytes (job.phone) / grain;
  run->shared->counts[CUT_FILES] = disk.n;
  run->shared->counts[CUT_FROM_PHONE] = ub_practice_phone_get_output_bytes (job.phone) / grain;
  return store_dump (&job, job.dump_path) ? 0 : 1;
}

/* --- one cut --- */

/* the first byte of @region that is not as in @wanted; its size if there is none */
static gsize
find_difference (const Job *job, UbRegion region, const Dump *wanted)
{
  const gsize size = region_size (job->scene, region);
  guint8      now[PIECE];

  for (gsize at = 0; at < size; at += PIECE)
    {
      const guint8 *then = wanted->data + region_at (region) + at;
      gsize         n = MIN (size - at, PIECE);

      peek (job->scene, job->phone, region, at, now, n);
      for (gsize i = 0; memcmp (now, then, n) != 0 && i < n; i++)
        if (now[i] != then[i])
          return at + i;
    }
  return size;
}

/* @what: (nullable): said if it is not */
static gboolean
is_as (const Job *job, const Dump *wanted, const char *what)
{
  gboolean same = TRUE;

  for (guint i = 0; i < N_REGIONS; i++)
    {
      gsize at = find_difference (job, regions[i], wanted);

      if (at == region_size (job->scene, regions[i]))
        continue;
      same = FALSE;
      if (what != NULL)
        g_printerr ("# %s: %s at 0x%" G_GSIZE_MODIFIER "x\n",
                    what,
                    ub_region_to_string (regions[i]),
                    at);
    }
  return same;
}

static void
add_cut (const Scene *scene, UbPracticePhone *phone, const Point *point)
{
  guint64          n = point->kind == CUT_MESSAGES ? point->n : point->n * scene->scenario->grain;
  g_autofree char *line = g_strdup_printf ("%s %" G_GUINT64_FORMAT, cut_lines[point->kind], n);
  g_autoptr (GError) error = NULL;

  ub_practice_phone_mischief (phone, line, &error);
  g_assert_no_error (error);
}

/* the second time it does not even come that far */
static void
again_cb (UbPracticePhone *phone, gpointer user_data)
{
  const Run  *run = user_data;
  const Point point = { run->point.kind, run->point.n * 2 / 3 + 1, CUT_ONCE };

  ub_practice_phone_set_pulled (phone, NULL, NULL);
  add_cut (run->scene, phone, &point);
}

static gboolean
left_no_journal (Job *job)
{
  g_autoptr (GPtrArray) journals = ub_journal_list (job->journals);

  if (journals->len > 0)
    g_printerr ("# the job is done, and its journal still there\n");
  return journals->len == 0;
}

static int
run_dropped (gpointer user_data)
{
  Run *run = user_data;
  Job  job;
  g_autoptr (UbPlan) plan = make_plan (run->scene);

  begin_job (&job, run->scene, run->folder, &run->scene->initial);
  add_cut (run->scene, job.phone, &run->point);
  if (run->point.how == CUT_TWICE)
    ub_practice_phone_set_pulled (job.phone, again_cb, run);
  return run_job (&job, plan, NULL) && left_no_journal (&job) &&
                 is_as (&job, &run->after, "other bytes in")
             ? 0
             : 1;
}

/* as SIGKILL would: no thread says another word, nothing that is not in a file yet gets there */
static void
kill_cb (UbPracticePhone *phone, gpointer user_data)
{
  Job *job = user_data;

  _exit (store_dump (job, job->dump_path) ? 0 : 1);
}

static int
run_killed (gpointer user_data)
{
  Run *run = user_data;
  Job  job;
  g_autoptr (UbPlan) plan = make_plan (run->scene);

  begin_job (&job, run->scene, run->folder, &run->scene->initial);
  g_mkdir_with_parents (run->folder, 0700);
  ub_practice_phone_set_pulled (job.phone, kill_cb, &job);
  if (run->point.kind == CUT_FILES)
    {
      disk.job = &job;
      disk.left = run->point.n;
    }
  else
    add_cut (run->scene, job.phone, &run->point);
  run_job (&job, plan, NULL);
  g_printerr ("# the job ended before it was killed\n");
  return 2;
}

/* without a journal nothing was begun, or everything was done */
static int
start_again (Run *run, Job *job)
{
  g_autoptr (UbPlan) plan = make_plan (run->scene);

  if (is_as (job, &run->after, NULL))
    return 0;
  if (!is_as (job, &run->scene->initial, "killed, and no journal for"))
    return 1;
  return run_job (job, plan, NULL) && is_as (job, &run->after, "other bytes in") ? 0 : 1;
}

static int
run_after_kill (gpointer user_data)
{
  Run             *run = user_data;
  Job              job;
  Dump             dump = { NULL, 0 };
  g_autofree char *path = g_build_filename (run->folder, "flash", NULL);
  g_autoptr (GPtrArray) journals = NULL;
  g_autoptr (UbPlan) plan = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (fetch_dump (run->scene, path, &dump));
  begin_job (&job, run->scene, run->folder, &dump);
  journals = ub_journal_list (job.journals);
  if (journals->len == 0)
    return start_again (run, &job);
  plan = ub_journal_dup_plan (g_ptr_array_index (journals, 0), NULL, &error);
  if (plan == NULL)
    die ("the plan cannot be made again:", error->message);
  return run_job (&job, plan, g_ptr_array_index (journals, 0)) && left_no_journal (&job) &&
                 is_as (&job, &run->after, "other bytes in")
             ? 0
             : 1;
}

static void
run_point (Run *run)
{
  int status;

  if (run->point.how == CUT_KILLED)
    {
      status = in_child (run_killed, run);
      if (status == 0)
        status = in_child (run_after_kill, run);
    }
  else
    status = in_child (run_dropped, run);
  remove_tree (run->folder);
  __atomic_add_fetch (&run->shared->n_points, 1, __ATOMIC_RELAXED);
  if (status == 0)
    return;
  __atomic_add_fetch (&run->shared->n_failures, 1, __ATOMIC_RELAXED);
  g_printerr ("# FAILED: %s %s:%" G_GUINT64_FORMAT ":%s\n",
              run->scene->scenario->name,
              cut_names[run->point.kind],
              run->point.n,
              how_names[run->point.how]);
}

/* --- all of them --- */

static guint
get_number (const char *variable, guint otherwise)
{
  const char *text = g_getenv (variable);
  guint64     value = 0;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 1, 1000000, &value, NULL)
             ? (guint) value
             : otherwise;
}

static gboolean
is_wanted (CutKind kind, CutHow how)
{
  const char *only = g_getenv ("UB_CUT_KIND");

  return (kind != CUT_FILES || how == CUT_KILLED) &&
         (only == NULL || g_str_equal (only, cut_names[kind]));
}

/* all points whose number is @worker modulo @n_workers */
static void
work (Run *run, guint worker, guint n_workers, guint stride)
{
  guint64          number = 0;
  g_autofree char *folder = g_strdup_printf ("%s/worker-%u", run->scene->root, worker);

  run->folder = folder;
  for (CutKind kind = 0; kind < N_CUTS; kind++)
    for (CutHow how = 0; how < N_HOWS; how++)
      for (guint64 n = 1; n <= run->shared->counts[kind] && is_wanted (kind, how); n++)
        {
          /* a stride takes other points of each kind */
          if ((n + 7 * kind + 3 * how) % stride != 0 || number++ % n_workers != worker)
            continue;
          run->point = (Point){ kind, n, how };
          run_point (run);
        }
}

static gboolean
parse_point (const char *text, Point *point)
{
  g_auto (GStrv) words = g_strsplit (text, ":", 3);

  for (CutKind kind = 0; kind < N_CUTS && words[0] != NULL && words[1] != NULL; kind++)
    if (g_str_equal (words[0], cut_names[kind]) &&
        g_ascii_string_to_unsigned (words[1], 10, 1, G_MAXUINT64, &point->n, NULL))
      {
        point->kind = kind;
        for (CutHow how = 0; how < N_HOWS; how++)
          point->how = g_strcmp0 (words[2], how_names[how]) == 0 ? how : point->how;
        return TRUE;
      }
  return FALSE;
}

static void
work_all (Run *run)
{
  guint       n_workers = get_number ("UB_CUT_WORKERS", MIN (2, g_get_num_processors ()));
  const char *only = g_getenv ("UB_CUT_POINT");

  if (only != NULL)
    {
      g_autofree char *folder = g_build_filename (run->scene->root, "only", NULL);

      g_assert_true (parse_point (only, &run->point));
      run->folder = folder;
      run_point (run);
      return;
    }
  for (guint worker = 0; worker < n_workers; worker++)
    if (fork () == 0)
      {
        work (run, worker, n_workers, get_number ("UB_CUT_STRIDE", STRIDE));
        _exit (0);
      }
  while (wait (NULL) > 0)
    ;
}

static void
test_scenario (gconstpointer data)
{
  const Scenario *scenario = data;
  Scene           scene;
  Shared         *shared =
      mmap (NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  Run              run = { .scene = &scene, .shared = shared };
  g_autofree char *folder = NULL;
  g_autofree char *flash = NULL;

  g_assert_true (shared != MAP_FAILED);
  open_scene (&scene, scenario);
  folder = g_build_filename (scene.root, "undisturbed", NULL);
  run.folder = folder;
  flash = g_build_filename (folder, "flash", NULL);
  g_assert_cmpint (in_child (run_undisturbed, &run), ==, 0);
  g_assert_true (fetch_dump (&scene, flash, &run.after));
  g_test_message ("%s: %" G_GUINT64_FORMAT " messages, %" G_GUINT64_FORMAT
                  " KiB to the phone, %" G_GUINT64_FORMAT " KiB from it, %" G_GUINT64_FORMAT
                  " changes on the disk",
                  scenario->name,
                  shared->counts[CUT_MESSAGES],
                  shared->counts[CUT_TO_PHONE] * scenario->grain / 1024,
                  shared->counts[CUT_FROM_PHONE] * scenario->grain / 1024,
                  shared->counts[CUT_FILES]);
  work_all (&run);
  g_test_message ("%s: %u points, %u failures",
                  scenario->name,
                  shared->n_points,
                  shared->n_failures);
  close_scene (&scene);
  g_free (run.after.data);
  g_assert_cmpuint (shared->n_points, >, 0);
  g_assert_cmpuint (shared->n_failures, ==, 0);
  munmap (shared, sizeof *shared);
}

/* thousands of jobs are talkative */
static void
swallow (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_handler (NULL, G_LOG_LEVEL_DEBUG, swallow, NULL);
  g_log_set_handler ("GLib-GIO", G_LOG_LEVEL_DEBUG, swallow, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (scenarios); i++)
    {
      g_autofree char *path = g_strconcat ("/engine/cut-points/", scenarios[i].name, NULL);

      g_test_add_data_func (path, &scenarios[i], test_scenario);
    }
  return g_test_run ();
}
