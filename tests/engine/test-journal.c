/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ub-error.h"
#include "engine/ub-disk.h"
#include "engine/ub-journal.h"

#define USER_SIZE 0x4000000

static UbPhoneInfo *
phone_new (guint8 id)
{
  UbBromInfo brom = { .hw_code = 0x6580, .chip = ub_chip_find (0x6580), .me_id_size = 16 };
  UbDaReport report = { .storage = UB_STORAGE_EMMC,
                        .boot1_size = 0x400000,
                        .boot2_size = 0x400000,
                        .user_size = USER_SIZE };
  g_autoptr (UbLayout) layout = ub_layout_new (UB_LAYOUT_GPT);

  memset (brom.me_id, id, 16);
  memset (report.cid, id, sizeof report.cid);
  memset (report.random_id, 5, sizeof report.random_id);
  ub_layout_add (layout, "nvram", UB_REGION_EMMC_USER, 0x100000, 0x100000);
  ub_layout_add (layout, "cache", UB_REGION_EMMC_USER, 0x200000, 0x400000);
  ub_layout_add (layout, "userdata", UB_REGION_EMMC_USER, 0x600000, 0x400000);
  return ub_phone_info_new ("1-2", "high", &brom, &report, layout);
}

static UbPlan *
plan_new (UbPhoneInfo *phone)
{
  static const char *const names[] = { "cache", "userdata", NULL };
  const UbPlanTarget       target = { .names = names };
  g_autoptr (UbPlan) plan = ub_plan_new_erase (&target);

  return ub_plan_check (plan, phone);
}

static UbJournal *
journal_new (const char *folder, UbPhoneInfo *phone)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbPlan) plan = plan_new (phone);
  UbJournal *journal = ub_journal_new (folder, plan, phone, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (journal);
  return journal;
}

static char *
folder_new (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("ub-journal-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static void
folder_remove (const char *folder)
{
  ub_disk_remove_tree (folder, NULL);
}

static void
mark (UbJournal *journal, guint step, guint64 offset)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (ub_journal_mark (journal, step, offset, FALSE, &error));
  g_assert_no_error (error);
}

static char *
dup_position (UbJournal *journal)
{
  return g_build_filename (ub_journal_get_path (journal), "position", NULL);
}

static void
assert_position (const char *path, guint step, guint64 offset)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (UbJournal) journal = ub_journal_open (path, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (ub_journal_get_step (journal), ==, step);
  g_assert_cmpuint (ub_journal_get_offset (journal), ==, offset);
}

/* --- one job --- */

static void
test_round_trip (void)
{
  g_autofree char *root = folder_new ();
  g_autofree char *folder = g_build_filename (root, "deep", "jobs", NULL);
  g_autoptr (UbPhoneInfo) phone = phone_new (1);
  g_autoptr (UbPlan) plan = plan_new (phone);
  g_autofree char *digest = ub_plan_dup_digest (plan);
  g_autoptr (GError) error = NULL;
  g_autoptr (UbJournal) made = ub_journal_new (folder, plan, phone, NULL, &error);
  g_autoptr (UbJournal) journal = NULL;
  g_autoptr (UbPlan) again = NULL;
  g_autoptr (UbPlan) checked = NULL;
  g_autofree char *sentence = NULL;
  g_autofree char *other_digest = NULL;
  UbPhoneInfo     *kept;

  g_assert_no_error (error);
  journal = ub_journal_open (ub_journal_get_path (made), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ub_journal_get_step (journal), ==, 0);
  g_assert_cmpuint (ub_journal_get_offset (journal), ==, 0);
  g_assert_cmpint (ub_journal_get_mode (journal), ==, UB_MODE_ERASE);
  g_assert_cmpstr (ub_journal_get_digest (journal), ==, digest);
  g_assert_null (ub_journal_get_copy (journal));
  kept = ub_journal_get_phone (journal);
  g_assert_cmpint (ub_phone_info_compare (kept, phone), ==, UB_SAME_PHONE_YES);
  g_assert_cmpmem (ub_phone_info_get_report (kept),
                   sizeof (UbDaReport),
                   ub_phone_info_get_report (phone),
                   sizeof (UbDaReport));
  again = ub_journal_dup_plan (journal, NULL, &error);
  g_assert_no_error (error);
  checked = ub_plan_check (again, kept);
  other_digest = ub_plan_dup_digest (checked);
  g_assert_cmpstr (other_digest, ==, digest);
  sentence = ub_journal_dup_sentence (journal);
  g_assert_nonnull (strstr (sentence, "MT6580"));
  folder_remove (root);
}

static void
test_marks (void)
{
  g_autofree char *root = folder_new ();
  g_autoptr (UbPhoneInfo) phone = phone_new (1);
  g_autoptr (UbJournal) journal = journal_new (root, phone);
  const char *path = ub_journal_get_path (journal);
  g_autoptr (GError) error = NULL;

  mark (journal, 0, 0x100000);
  assert_position (path, 0, 0x100000);
  mark (journal, 1, G_GUINT64_CONSTANT (0x123456789a));
  assert_position (path, 1, G_GUINT64_CONSTANT (0x123456789a));
  g_assert_cmpuint (ub_journal_get_step (journal), ==, 1);
  g_assert_cmpuint (ub_journal_get_offset (journal), ==, G_GUINT64_CONSTANT (0x123456789a));
  /* a step may have to be done again */
  g_assert_true (ub_journal_mark (journal, 1, 7, TRUE, &error));
  assert_position (path, 1, 7);
  folder_remove (root);
}

static void
put (const char *path, const char *data, gsize size)
{
  /* not O_TRUNC: some file systems write such a file out when it is closed */
  int fd = g_open (path, O_WRONLY | O_CREAT, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, data, size), ==, (gssize) size);
  g_assert_cmpint (ftruncate (fd, (off_t) size), ==, 0);
  close (fd);
}

#define N_MARKS 5

/* @ends: where the line of each mark ends in the file; [0] is its head */
static UbJournal *
marked_new (const char *root, gsize *ends)
{
  g_autoptr (UbPhoneInfo) phone = phone_new (1);
  UbJournal       *journal = journal_new (root, phone);
  g_autofree char *position = dup_position (journal);
  struct stat      info;

  for (guint i = 0; i <= N_MARKS; i++)
    {
      if (i > 0)
        mark (journal, i / 3, 1000 * i);
      g_assert_cmpint (stat (position, &info), ==, 0);
      ends[i] = (gsize) info.st_size;
    }
  return journal;
}

static void
assert_mark (const char *path, guint i)
{
  assert_position (path, i / 3, 1000 * i);
}

static void
test_torn (void)
{
  g_autofree char *root = folder_new ();
  gsize            ends[N_MARKS + 1];
  g_autoptr (UbJournal) journal = marked_new (root, ends);
  const char      *path = ub_journal_get_path (journal);
  g_autofree char *position = dup_position (journal);
  g_autofree char *text = NULL;
  gsize            size;

  g_assert_true (g_file_get_contents (position, &text, &size, NULL));
  for (gsize cut = ends[0]; cut <= size; cut++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (UbJournal) again = NULL;
      guint last = 0;

      while (last < N_MARKS && ends[last + 1] <= cut)
        last++;
      put (position, text, cut);
      assert_mark (path, last);
      /* what is marked behind a torn line counts */
      again = ub_journal_open (path, &error);
      g_assert_no_error (error);
      mark (again, 1, 77);
      assert_position (path, 1, 77);
    }
  put (position, text, ends[0] - 1);
  g_assert_null (ub_journal_open (path, NULL));
  folder_remove (root);
}

/* the last line that counts when the byte at @at is wrong: the end of a line is one of the next, too */
static guint
last_whole (const gsize *ends, gsize at)
{
  if (at == ends[N_MARKS - 1] - 1)
    return N_MARKS - 2;
  return at >= ends[N_MARKS - 1] ? N_MARKS - 1 : N_MARKS;
}

static void
test_damaged_position (void)
{
  g_autofree char *root = folder_new ();
  gsize            ends[N_MARKS + 1];
  g_autoptr (UbJournal) journal = marked_new (root, ends);
  const char      *path = ub_journal_get_path (journal);
  g_autofree char *position = dup_position (journal);
  g_autofree char *text = NULL;
  gsize            size;

  g_assert_true (g_file_get_contents (position, &text, &size, NULL));
  for (gsize at = 0; at < size; at++)
    for (guint bit = 0; bit < 8; bit++)
      {
        g_autofree char *changed = g_memdup2 (text, size);

        changed[at] = (char) (changed[at] ^ (1 << bit));
        put (position, changed, size);
        if (at < ends[0])
          g_assert_null (ub_journal_open (path, NULL));
        else
          assert_mark (path, last_whole (ends, at));
      }
  folder_remove (root);
}

static void
test_garbage (void)
{
  static const char *const tails[] = {
    "\n",         "garbage\n", "0 0 00000000\n",  "4000000000 5 12345678\n",
    "-1 -1 -1\n", "  1 2\n",   "1 5000 xxxxxxxx", "\xff\xfe\xfd\n",
  };
  g_autofree char *root = folder_new ();
  gsize            ends[N_MARKS + 1];
  g_autoptr (UbJournal) journal = marked_new (root, ends);
  g_autoptr (UbJournal) again = NULL;
  const char      *path = ub_journal_get_path (journal);
  g_autofree char *position = dup_position (journal);
  g_autofree char *text = NULL;
  g_autofree char *zeros = NULL;
  gsize            size;

  g_assert_true (g_file_get_contents (position, &text, &size, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (tails); i++)
    {
      g_autofree char *whole = g_strconcat (text, tails[i], NULL);

      put (position, whole, strlen (whole));
      assert_mark (path, N_MARKS);
    }
  /* what some file systems leave of an unwritten page */
  zeros = g_malloc0 (size + 4096);
  memcpy (zeros, text, size);
  put (position, zeros, size + 4096);
  assert_mark (path, N_MARKS);
  again = ub_journal_open (path, NULL);
  mark (again, 1, 3);
  assert_position (path, 1, 3);
  folder_remove (root);
}

static void
test_damaged_job (void)
{
  g_autofree char *root = folder_new ();
  g_autoptr (UbPhoneInfo) phone = phone_new (1);
  g_autoptr (UbJournal) journal = journal_new (root, phone);
  const char      *path = ub_journal_get_path (journal);
  g_autofree char *job = g_build_filename (path, "job.json", NULL);
  g_autofree char *text = NULL;
  gsize            size;

  g_assert_true (g_file_get_contents (job, &text, &size, NULL));
  for (gsize at = 0; at < size; at++)
    {
      text[at] ^= 0x01;
      put (job, text, size);
      g_assert_null (ub_journal_open (path, NULL));
      text[at] ^= 0x01;
    }
  put (job, text, size);
  assert_position (path, 0, 0);
  g_assert_cmpint (g_unlink (job), ==, 0);
  g_assert_cmpint (symlink ("/dev/zero", job), ==, 0);
  g_assert_null (ub_journal_open (path, NULL));
  folder_remove (root);
}

/* lines of one job say nothing of another */
static void
test_other_position (void)
{
  g_autofree char *root = folder_new ();
  g_autoptr (UbPhoneInfo) phone = phone_new (1);
  g_autoptr (UbPhoneInfo) other_phone = phone_new (2);
  g_autoptr (UbJournal) journal = journal_new (root, phone);
  g_autoptr (UbJournal) other = journal_new (root, other_phone);
  g_autofree char *from = dup_position (journal);
  g_autofree char *to = dup_position (other);
  g_autofree char *text = NULL;
  g_autofree char *other_text = NULL;
  g_autofree char *both = NULL;
  gsize            size;
  gsize            head;

  g_assert_true (g_file_get_contents (to, &other_text, &head, NULL));
  mark (journal, 1, 4096);
  g_assert_true (g_file_get_contents (from, &text, &size, NULL));
  put (to, text, size);
  g_assert_null (ub_journal_open (ub_journal_get_path (other), NULL));
  both = g_strconcat (other_text, text + head, NULL);
  put (to, both, strlen (both));
  assert_position (ub_journal_get_path (other), 0, 0);
  folder_remove (root);
}

/* --- several jobs --- */

static void
test_list (void)
{
  g_autofree char *root = folder_new ();
  g_autofree char *file = g_build_filename (root, "file", NULL);
  g_autofree char *empty = g_build_filename (root, "empty", NULL);
  g_autofree char *link = g_build_filename (root, "link", NULL);
  g_autofree char *gone = g_build_filename (root, ".removed-x", NULL);
  g_autofree char *fresh = g_build_filename (root, ".new-x", NULL);
  g_autoptr (UbPhoneInfo) one = phone_new (1);
  g_autoptr (UbPhoneInfo) two = phone_new (2);
  g_autoptr (UbJournal) first = journal_new (root, one);
  g_autoptr (UbJournal) second = journal_new (root, two);
  g_autoptr (UbJournal) third = journal_new (root, one);
  g_autoptr (GPtrArray) jobs = NULL;
  g_autoptr (GError) error = NULL;

  put (file, "x", 1);
  g_assert_cmpint (g_mkdir (empty, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (gone, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (fresh, 0700), ==, 0);
  g_assert_cmpint (symlink (ub_journal_get_path (second), link), ==, 0);
  jobs = ub_journal_list (root);
  g_assert_cmpuint (jobs->len, ==, 2);
  g_assert_cmpstr (ub_journal_get_path (jobs->pdata[0]), ==, ub_journal_get_path (third));
  g_assert_cmpstr (ub_journal_get_path (jobs->pdata[1]), ==, ub_journal_get_path (second));
  /* replaced: the same phone, another job */
  g_assert_false (g_file_test (ub_journal_get_path (first), G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (gone, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (fresh, G_FILE_TEST_EXISTS));
  g_assert_true (ub_journal_remove (third, &error));
  g_assert_no_error (error);
  g_assert_false (g_file_test (ub_journal_get_path (third), G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (ub_journal_get_path (second), G_FILE_TEST_EXISTS));
  folder_remove (root);
}

/* killed after the new one was made and before the old one was removed */
static void
test_two_of_one_phone (void)
{
  g_autofree char *root = folder_new ();
  g_autofree char *aside = folder_new ();
  g_autofree char *hidden = g_build_filename (aside, "old", NULL);
  g_autoptr (UbPhoneInfo) phone = phone_new (1);
  g_autoptr (UbJournal) first = journal_new (root, phone);
  g_autoptr (UbJournal) second = NULL;
  g_autoptr (GPtrArray) jobs = NULL;
  g_autoptr (GPtrArray) left = NULL;

  g_assert_cmpint (g_rename (ub_journal_get_path (first), hidden), ==, 0);
  second = journal_new (root, phone);
  g_assert_cmpint (g_rename (hidden, ub_journal_get_path (first)), ==, 0);
  jobs = ub_journal_list (root);
  g_assert_cmpuint (jobs->len, ==, 1);
  g_assert_cmpstr (ub_journal_get_path (jobs->pdata[0]), ==, ub_journal_get_path (second));
  g_assert_true (ub_journal_remove (second, NULL));
  left = ub_journal_list (root);
  g_assert_cmpuint (left->len, ==, 0);
  folder_remove (root);
  folder_remove (aside);
}

/* --- trouble --- */

static void
set_limit (rlim_t limit)
{
  struct rlimit now;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &now), ==, 0);
  now.rlim_cur = limit == RLIM_INFINITY ? now.rlim_max : limit;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &now), ==, 0);
}

static void
test_disk_full (void)
{
  g_autofree char *root = folder_new ();
  g_autofree char *position = NULL;
  g_autoptr (UbPhoneInfo) phone = phone_new (1);
  g_autoptr (UbPlan) plan = plan_new (phone);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) jobs = NULL;
  g_autoptr (UbJournal) journal = NULL;
  struct stat info;

  signal (SIGXFSZ, SIG_IGN);
  set_limit (100);
  g_assert_null (ub_journal_new (root, plan, phone, NULL, &error));
  set_limit (RLIM_INFINITY);
  g_assert_error (error, UB_ERROR, UB_ERROR_NO_SPACE);
  g_clear_error (&error);
  jobs = ub_journal_list (root);
  g_assert_cmpuint (jobs->len, ==, 0);

  journal = journal_new (root, phone);
  position = dup_position (journal);
  mark (journal, 0, 5);
  g_assert_cmpint (stat (position, &info), ==, 0);
  /* room for half a line */
  set_limit ((rlim_t) info.st_size + 7);
  g_assert_false (ub_journal_mark (journal, 1, 6, TRUE, &error));
  set_limit (RLIM_INFINITY);
  signal (SIGXFSZ, SIG_DFL);
  g_assert_error (error, UB_ERROR, UB_ERROR_NO_SPACE);
  g_assert_cmpuint (ub_journal_get_offset (journal), ==, 5);
  assert_position (ub_journal_get_path (journal), 0, 5);
  mark (journal, 1, 7);
  assert_position (ub_journal_get_path (journal), 1, 7);
  folder_remove (root);
}

/* how far a child is: done with the work, and done with its mark */
typedef struct
{
  guint work;
  guint marked;
} Counters;

static void
work_for_ever (const char *path, Counters *counters)
{
  g_autoptr (UbJournal) journal = ub_journal_open (path, NULL);

  for (guint i = 1;; i++)
    {
      __atomic_store_n (&counters->work, i, __ATOMIC_SEQ_CST);
      if (!ub_journal_mark (journal, 1, i, i % 16 == 0, NULL))
        _exit (1);
      __atomic_store_n (&counters->marked, i, __ATOMIC_SEQ_CST);
    }
}

/* killed at any moment: the position read is one that was done, and none that was marked is lost */
static void
test_killed (void)
{
  g_autofree char *root = folder_new ();
  g_autoptr (UbPhoneInfo) phone = phone_new (1);
  g_autoptr (UbJournal) made = journal_new (root, phone);
  const char *path = ub_journal_get_path (made);
  Counters   *counters =
      mmap (NULL, sizeof *counters, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

  g_assert_true (counters != MAP_FAILED);
  for (guint i = 0; i < 60; i++)
    {
      g_autoptr (UbJournal) journal = NULL;
      pid_t pid;

      counters->work = counters->marked = 0;
      pid = fork ();
      if (pid == 0)
        work_for_ever (path, counters);
      while (__atomic_load_n (&counters->work, __ATOMIC_SEQ_CST) < 1 + i * 3)
        sched_yield ();
      g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
      g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
      journal = ub_journal_open (path, NULL);
      g_assert_nonnull (journal);
      g_assert_cmpuint (ub_journal_get_offset (journal), >=, counters->marked);
      if (counters->marked > 0)
        g_assert_cmpuint (ub_journal_get_offset (journal), <=, counters->work);
    }
  munmap (counters, sizeof *counters);
  folder_remove (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/journal/round-trip", test_round_trip);
  g_test_add_func ("/journal/marks", test_marks);
  g_test_add_func ("/journal/torn", test_torn);
  g_test_add_func ("/journal/damaged-position", test_damaged_position);
  g_test_add_func ("/journal/garbage", test_garbage);
  g_test_add_func ("/journal/damaged-job", test_damaged_job);
  g_test_add_func ("/journal/other-position", test_other_position);
  g_test_add_func ("/journal/list", test_list);
  g_test_add_func ("/journal/two-of-one-phone", test_two_of_one_phone);
  g_test_add_func ("/journal/disk-full", test_disk_full);
  g_test_add_func ("/journal/killed", test_killed);
  return g_test_run ();
}
