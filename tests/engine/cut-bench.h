/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One job on one small practice phone, in a process of its own: so that a job can be killed at any
 * message as the real program could be, and the phone survives it. */

#include "base/ub-error.h"
#include "engine/ub-safety-copy.h"
#include "engine/ub-session.h"
#include "phone/ub-practice-phone.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BOOT_SIZE (64u * 1024)
#define JOB_SECONDS 120
#define REPLUG_MS 700

typedef struct
{
  const char *name;
  UbMode      mode;
  UbEnter     enter;
  const char *chip;
  UbTable     table;
  UbStorage   storage;
  gboolean    framed; /* XFLASH and XML agents */
  gboolean    slots;
  gsize       grain;       /* bytes between two cuts of a transfer */
  gsize       user_size;   /* bytes */
  gsize       system_size; /* more than two packets of an agent, so that it is cut in its middle */
} Scenario;

/* those of UFS go by these names, too */
static const UbRegion regions[] = { UB_REGION_EMMC_BOOT1,
                                    UB_REGION_EMMC_BOOT2,
                                    UB_REGION_EMMC_USER };
#define N_REGIONS G_N_ELEMENTS (regions)

/* all of a phone's flash, one region after the other */
typedef struct
{
  guint8 *data;
  gsize   size;
} Dump;

/* what all points of one scenario share; made before any thread is */
typedef struct
{
  const Scenario        *scenario;
  UbPracticePhoneOptions options;
  char                  *root;
  UbFirmware            *old;                      /* layout A */
  UbFirmware            *firmware;                 /* (nullable): what is written */
  UbBackup              *backup;                   /* (nullable): what is restored */
  gsize                  record_begin, record_end; /* in the user area */
  Dump                   initial;
  UbPracticePhone       *phone;  /* as it is in the begin; each process has its own */
  Dump                   wanted; /* if it is known beforehand what the flash will hold */
} Scene;

/* one run */
typedef struct
{
  Scene           *scene;
  UbPracticePhone *phone;
  char            *copies;
  char            *journals;
  char            *dump_path; /* where the flash goes if the run is killed */
  gboolean         copy_seen;
  guint            n_asked;  /* write commands */
  guint            consents; /* 1 << UbQuestionKind */
  const char      *missing;  /* (nullable): a part the copy may lack */
  UbReport        *report;
} Job;

/* --- files --- */

/* follows no link */
static inline void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

/* --- the flash --- */

/* of regions[], by either name */
static inline guint
region_number (UbRegion region)
{
  switch (region)
    {
    case UB_REGION_EMMC_BOOT1:
    case UB_REGION_UFS_LU0:
      return 0;
    case UB_REGION_EMMC_BOOT2:
    case UB_REGION_UFS_LU1:
      return 1;
    default:
      return 2;
    }
}

static inline gsize
region_size (const Scene *scene, UbRegion region)
{
  return region_number (region) == 2 ? scene->scenario->user_size : BOOT_SIZE;
}

static inline gsize
region_at (UbRegion region)
{
  return region_number (region) * BOOT_SIZE;
}

static inline gsize
flash_size (const Scene *scene)
{
  return 2 * BOOT_SIZE + scene->scenario->user_size;
}

/* framed agents keep their own record in that part: it is no matter of the job's */
static inline void
find_record (Scene *scene, UbFirmware *firmware)
{
  const UbPartition *part =
      ub_firmware_find_partition (firmware, scene->scenario->storage, "flashinfo");

  guint64 begin;

  if (!scene->scenario->framed)
    return;
  g_assert_nonnull (part);
  begin = ub_partition_resolve_start (part, scene->scenario->user_size);
  g_assert_true (scene->record_end == 0 || scene->record_begin == begin);
  scene->record_begin = begin;
  scene->record_end = scene->record_begin + part->size;
  g_assert_cmpuint (scene->record_end, <=, scene->scenario->user_size);
}

/* that record reads as zeros */
static inline void
peek (const Scene     *scene,
      UbPracticePhone *phone,
      UbRegion         region,
      gsize            offset,
      guint8          *data,
      gsize            size)
{
  gsize begin = MAX (scene->record_begin, offset);
  gsize end = MIN (scene->record_end, offset + size);

  ub_practice_phone_peek (phone, region, offset, data, size);
  if (region_number (region) == 2 && begin < end)
    memset (data + begin - offset, 0, end - begin);
}

static inline Dump
dump_phone (const Scene *scene, UbPracticePhone *phone)
{
  Dump dump = { .size = flash_size (scene) };

  dump.data = g_malloc (dump.size);
  for (guint i = 0; i < N_REGIONS; i++)
    peek (scene,
          phone,
          regions[i],
          0,
          dump.data + region_at (regions[i]),
          region_size (scene, regions[i]));
  return dump;
}

static inline void
load_phone (const Scene *scene, UbPracticePhone *phone, const Dump *dump)
{
  for (guint i = 0; i < N_REGIONS; i++)
    ub_practice_phone_poke (phone,
                            regions[i],
                            0,
                            dump->data + region_at (regions[i]),
                            region_size (scene, regions[i]));
}

static inline UbPracticePhone *
new_phone (Scene *scene, const Dump *dump)
{
  g_autoptr (GError) error = NULL;
  UbPracticePhone *phone = ub_practice_phone_new (&scene->options, &error);

  g_assert_no_error (error);
  if (dump != NULL)
    load_phone (scene, phone, dump);
  return phone;
}

/* --- the guard: no write before the copy is on disk, whole, and what the phone held at its begin --- */

static inline void
die (const char *what, const char *name)
{
  g_printerr ("# %s %s\n", what, name);
  _exit (3);
}

static inline void
check_saved_part (Job *job, UbBackup *copy, const UbBackupPart *part)
{
  const Scene       *scene = job->scene;
  g_autofree guint8 *data = NULL;

  if (part->is_missing && g_strcmp0 (part->name, job->missing) == 0)
    return;
  if (part->is_missing || part->region == UB_REGION_UNKNOWN ||
      part->length > region_size (scene, part->region) ||
      part->offset > region_size (scene, part->region) - part->length)
    die ("the copy lacks", part->name);
  data = g_malloc (part->length);
  if (!ub_backup_read (copy, part, 0, data, part->length, NULL) ||
      memcmp (data, scene->initial.data + region_at (part->region) + part->offset, part->length) !=
          0)
    die ("the copy has other bytes than the phone had:", part->name);
}

static inline void
check_copy (Job *job, const char *command)
{
  g_autoptr (GPtrArray) copies = ub_safety_copy_list (job->copies, NULL);
  g_autoptr (GError) error = NULL;
  guint n_protected = 0;

  if (copies->len == 0)
    die ("there is no safety copy at a", command);
  for (guint i = 0; i < copies->len; i++)
    {
      UbBackup  *copy = g_ptr_array_index (copies, i);
      GPtrArray *parts = ub_backup_get_parts (copy);

      if (!ub_backup_verify (copy, NULL, NULL, NULL, &error))
        die ("a safety copy is damaged:", error->message);
      for (guint p = 0; p < parts->len; p++)
        {
          const UbBackupPart *part = g_ptr_array_index (parts, p);

          check_saved_part (job, copy, part);
          n_protected += part->is_protected ? 1 : 0;
        }
    }
  if (n_protected == 0 && job->scene->scenario->mode != UB_MODE_RESTORE)
    die ("nothing protected is in the copy at a", command);
}

static inline void
check_journal (Job *job, const char *command)
{
  g_autoptr (GPtrArray) journals = ub_journal_list (job->journals);

  if (journals->len != 1)
    die ("there is no journal at a", command);
}

static inline void
guard_cb (UbPracticePhone *phone, const char *command, gpointer user_data)
{
  Job *job = user_data;

  job->n_asked++;
  if (job->copy_seen)
    return;
  check_copy (job, command);
  check_journal (job, command);
  job->copy_seen = TRUE;
}

/* --- running --- */

/* @name without its set */
static inline const UbPartition *
find_part (const Scene *scene, UbFirmware *firmware, const char *name)
{
  const Scenario    *scenario = scene->scenario;
  g_autofree char   *full = g_strconcat (name, scenario->slots ? "_a" : NULL, NULL);
  const UbPartition *part = ub_firmware_find_partition (firmware, scenario->storage, full);

  g_assert_nonnull (part);
  return part;
}

static inline UbPlan *
make_plan (Scene *scene)
{
  const UbPlanChoice choice = { .mode = scene->scenario->mode };
  const UbPlanTarget everything = { .whole = TRUE };

  if (scene->backup != NULL)
    return ub_plan_new_restore (scene->backup, NULL, FALSE);
  if (choice.mode == UB_MODE_SINGLE)
    return ub_plan_new_single (scene->scenario->slots ? "boot_b" : "recovery",
                               find_part (scene, scene->firmware, "boot")->image_path,
                               FALSE);
  if (choice.mode == UB_MODE_ERASE)
    return ub_plan_new_erase (&everything);
  return ub_plan_new (scene->firmware, &choice);
}

static inline void
on_done (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;

  job->report = ub_session_run_finish (UB_SESSION (object), result);
}

/* to the end, with somebody who plugs the phone in again; FALSE says on stderr why not */
static inline gboolean
run_job (Job *job, UbPlan *plan, UbJournal *journal)
{
  GPtrArray             *containers = ub_firmware_get_agents (job->scene->old);
  const char *const      agents[] = { g_ptr_array_index (containers, 0), NULL };
  const UbSessionOptions options = { .wait_ms = 60000,
                                     .agents = agents,
                                     .copies_folder = job->copies,
                                     .journal_folder = job->journals,
                                     .journal = journal,
                                     .consents = job->consents };
  g_autoptr (UbLinkSource) source = ub_practice_source_new (job->phone, FALSE, 0, 0);
  g_autoptr (UbSession) session = NULL;
  g_autoptr (GError) error = NULL;
  gboolean good;

  ub_practice_source_set_replug (UB_PRACTICE_SOURCE (source), REPLUG_MS);
  ub_link_source_start (source, &error);
  g_assert_no_error (error);
  session = ub_session_new (plan, source, &options);
  ub_session_run_async (session, NULL, on_done, job);
  while (job->report == NULL)
    g_main_context_iteration (NULL, TRUE);
  ub_link_source_stop (source);
  good = ub_report_get_result (job->report) == UB_RESULT_DONE;
  if (!good)
    g_printerr ("# %s: the job ended in state %d: %s\n",
                job->scene->scenario->name,
                ub_report_get_state (job->report),
                ub_report_get_error (job->report) != NULL
                    ? ub_report_get_error (job->report)->message
                    : "no error");
  g_clear_object (&job->report);
  return good;
}

/* @folder: for copies and journals of this run; @dump: (nullable): what is on the phone. In a process of its own */
static inline void
begin_job (Job *job, Scene *scene, const char *folder, const Dump *dump)
{
  *job = (Job){ .scene = scene, .consents = ~0u };
  job->phone = dump == &scene->initial ? scene->phone : new_phone (scene, dump);
  job->copies = g_build_filename (folder, "copies", NULL);
  job->journals = g_build_filename (folder, "journals", NULL);
  job->dump_path = g_build_filename (folder, "flash", NULL);
  ub_practice_phone_set_guard (job->phone, guard_cb, job);
}

/* --- processes --- */

typedef int (*ChildFunc) (gpointer user_data);

/* @func in a process of its own; its exit status, 255 if it died otherwise or took too long */
static inline int
in_child (ChildFunc func, gpointer user_data)
{
  int   status = 0;
  pid_t pid = fork ();

  if (pid == 0)
    {
      alarm (JOB_SECONDS);
      _exit (func (user_data));
    }
  g_assert_cmpint (pid, >, 0);
  while (waitpid (pid, &status, 0) < 0)
    g_assert_cmpint (errno, ==, EINTR);
  if (WIFSIGNALED (status))
    g_printerr ("# ended by signal %d\n", WTERMSIG (status));
  return WIFEXITED (status) ? WEXITSTATUS (status) : 255;
}

static inline gboolean
store_dump (const Job *job, const char *path)
{
  Dump     dump = dump_phone (job->scene, job->phone);
  int      fd = open (path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  gboolean good = fd >= 0 && write (fd, dump.data, dump.size) == (gssize) dump.size;

  if (fd >= 0)
    close (fd);
  g_free (dump.data);
  return good;
}

static inline gboolean
fetch_dump (const Scene *scene, const char *path, Dump *dump)
{
  return g_file_get_contents (path, (char **) &dump->data, &dump->size, NULL) &&
         dump->size == flash_size (scene);
}
