/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-journal.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ub-error.h"
#include "engine/ub-disk.h"
#include "engine/ub-json.h"
#include "engine/ub-phone-json.h"
#include "engine/ub-safety-copy.h"

#define FORMAT "unbrick-job"
#define VERSION 1
#define JOB "job.json"
#define POSITION "position"
/* how the position begins: a word, and which job it is of */
#define POSITION_HEAD "unbrick-position "
#define UNFINISHED ".new-"
#define REMOVED ".removed-"
#define MAX_JOB (2 * 1024 * 1024)
/* 30 bytes for each packet of the biggest phones */
#define MAX_POSITION (64 * 1024 * 1024)
#define MAX_LINE 64
#define MAX_STEPS 100000
#define MAX_JOBS 1000
#define DAY (24 * 60 * 60)

struct _UbJournal
{
  GObject parent_instance;

  char        *path;
  char        *seed; /* SHA-256 of the job's file, hex: lines of other jobs do not count */
  UbMode       mode;
  char        *title;
  char        *digest;
  char        *copy; /* (nullable) */
  GDateTime   *time;
  UbPhoneInfo *phone;
  GVariant    *plan;
  GStrv        steps; /* their names */

  GMutex   lock;
  guint    step;
  guint64  offset;
  int      fd;      /* -1 until the first mark */
  gboolean is_torn; /* the last line may not be whole */
  gboolean is_new;  /* made in this process */
};

G_DEFINE_FINAL_TYPE (UbJournal, ub_journal, G_TYPE_OBJECT)

static void
ub_journal_finalize (GObject *object)
{
  UbJournal *self = UB_JOURNAL (object);

  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self->seed);
  g_free (self->title);
  g_free (self->digest);
  g_free (self->copy);
  g_clear_pointer (&self->time, g_date_time_unref);
  g_clear_object (&self->phone);
  g_clear_pointer (&self->plan, g_variant_unref);
  g_strfreev (self->steps);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (ub_journal_parent_class)->finalize (object);
}

static void
ub_journal_class_init (UbJournalClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ub_journal_finalize;
}

static void
ub_journal_init (UbJournal *self)
{
  self->fd = -1;
  g_mutex_init (&self->lock);
}

char *
ub_journal_dup_default_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "unbrick", "jobs", NULL);
}

/* --- the job --- */

static void
add_steps (JsonBuilder *builder, GPtrArray *steps)
{
  json_builder_set_member_name (builder, "steps");
  json_builder_begin_array (builder);
  for (guint i = 0; i < steps->len; i++)
    {
      const UbStep    *step = g_ptr_array_index (steps, i);
      g_autofree char *valid = g_utf8_make_valid (step->name != NULL ? step->name : "", -1);

      json_builder_add_string_value (builder, valid);
    }
  json_builder_end_array (builder);
}

static char *
build (UbPlan *plan, UbPhoneInfo *phone, UbBackup *copy)
{
  g_autoptr (JsonBuilder) builder = json_builder_new_immutable ();
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GVariant) variant = ub_plan_to_variant (plan);
  /* GVariant's own text keeps every type; JSON would not */
  g_autofree char *text = g_variant_print (variant, TRUE);
  g_autofree char *digest = ub_plan_dup_digest (plan);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format_iso8601 (now);

  json_builder_begin_object (builder);
  ub_json_add_string (builder, "format", FORMAT);
  ub_json_add_number (builder, "version", VERSION);
  ub_json_add_string (builder, "program", "unbrick " PACKAGE_VERSION);
  ub_json_add_string (builder, "time", time);
  ub_json_add_string (builder, "mode", ub_mode_to_string (ub_plan_get_mode (plan)));
  ub_json_add_string (builder, "title", ub_plan_get_title (plan));
  ub_json_add_string (builder, "digest", digest);
  ub_json_add_bytes (builder, "copy", copy != NULL ? ub_backup_get_folder (copy) : NULL);
  ub_json_add_string (builder, "plan", text);
  json_builder_set_member_name (builder, "phone");
  ub_phone_json_add (builder, phone);
  add_steps (builder, ub_plan_get_steps (plan));
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, TRUE);
}

static gboolean
refuse (GError **error, const char *what)
{
  g_set_error (error, UB_ERROR, UB_ERROR_FILE_READ, "%s: %s", JOB, what);
  return FALSE;
}

static gboolean
read_steps (UbJournal *self, JsonObject *root)
{
  JsonArray *steps = ub_json_get_array (root, "steps");
  guint      n = steps != NULL ? json_array_get_length (steps) : G_MAXUINT;
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  if (n > MAX_STEPS)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      JsonNode   *node = json_array_get_element (steps, i);
      const char *name = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;

      g_strv_builder_add (names, name != NULL ? name : "");
    }
  self->steps = g_strv_builder_end (names);
  return TRUE;
}

static gboolean
read_plan (UbJournal *self, JsonObject *root, GError **error)
{
  const char *text = ub_json_get_string (root, "plan");
  g_autoptr (GError) problem = NULL;

  if (text == NULL)
    return refuse (error, "it does not say what was to be done");
  self->plan = g_variant_parse (NULL, text, NULL, NULL, &problem);
  if (self->plan == NULL)
    return refuse (error, problem->message);
  g_variant_ref_sink (self->plan);
  return TRUE;
}

static gboolean
read_job (UbJournal *self, JsonObject *root, GError **error)
{
  const char *time = ub_json_get_string (root, "time");
  const char *mode = ub_json_get_string (root, "mode");
  JsonObject *phone = ub_json_get_object (root, "phone");
  guint64     version;

  if (g_strcmp0 (ub_json_get_string (root, "format"), FORMAT) != 0 ||
      !ub_json_get_number (root, "version", G_MAXUINT32, &version) || version != VERSION)
    return refuse (error, "no job of this Unbrick's format");
  self->time = time != NULL ? g_date_time_new_from_iso8601 (time, NULL) : NULL;
  self->title = g_strdup (ub_json_get_string (root, "title"));
  self->digest = g_strdup (ub_json_get_string (root, "digest"));
  self->copy = ub_json_dup_bytes (root, "copy");
  if (self->time == NULL || self->title == NULL || self->digest == NULL || phone == NULL ||
      mode == NULL || !ub_mode_from_string (mode, &self->mode) || !read_steps (self, root))
    return refuse (error, "something that is needed is not in it");
  self->phone = ub_phone_json_read (phone, UB_ERROR_FILE_READ, error);
  return self->phone != NULL && read_plan (self, root, error);
}

/* --- the position --- */

/* a line that was torn, or is of another job, has another one */
static guint32
get_check (UbJournal *self, guint step, guint64 offset)
{
  g_autofree char *text = g_strdup_printf ("%s %u %" G_GUINT64_FORMAT, self->seed, step, offset);
  g_autofree char *sha256 = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  sha256[8] = '\0';
  return (guint32) g_ascii_strtoull (sha256, NULL, 16);
}

static char *
dup_line (UbJournal *self, guint step, guint64 offset)
{
  return g_strdup_printf ("%u %" G_GUINT64_FORMAT " %08x\n",
                          step,
                          offset,
                          get_check (self, step, offset));
}

/* @line: up to and with its end; it counts if it is exactly the one we would write */
static void
read_line (UbJournal *self, const char *line, gsize size)
{
  char            *end = NULL;
  g_autofree char *copy = g_strndup (line, size);
  g_autofree char *expected = NULL;
  guint64          step = g_ascii_strtoull (copy, &end, 10);
  guint64          offset = *end == ' ' ? g_ascii_strtoull (end, NULL, 10) : 0;

  if (step > g_strv_length (self->steps))
    return;
  expected = dup_line (self, (guint) step, offset);
  if (strlen (expected) != size || memcmp (expected, line, size) != 0)
    return;
  self->step = (guint) step;
  self->offset = offset;
}

static char *
dup_head (UbJournal *self)
{
  return g_strdup_printf (POSITION_HEAD "%s\n", self->seed);
}

static gboolean
read_position (UbJournal *self, GBytes *bytes, GError **error)
{
  g_autofree char *head = dup_head (self);
  gsize            size;
  const char      *text = g_bytes_get_data (bytes, &size);
  const char      *end = text + size;

  if (size < strlen (head) || memcmp (text, head, strlen (head)) != 0)
    return refuse (error, "it is not the one that was begun: its position is of another");
  for (const char *line = text + strlen (head), *next; line < end; line = next)
    {
      const char *stop = memchr (line, '\n', (gsize) (end - line));

      next = stop != NULL ? stop + 1 : end;
      if (stop != NULL && next - line < MAX_LINE)
        read_line (self, line, (gsize) (next - line));
    }
  return TRUE;
}

static gboolean
open_position (UbJournal *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->path, POSITION, NULL);
  char             last = '\0';
  off_t            end;

  self->fd = open (path, O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
  end = self->fd >= 0 ? lseek (self->fd, 0, SEEK_END) : -1;
  if (end < 0)
    {
      ub_disk_set_write_error (error, path, errno);
      return FALSE;
    }
  self->is_torn = end > 0 && (pread (self->fd, &last, 1, end - 1) != 1 || last != '\n');
  return TRUE;
}

gboolean
ub_journal_mark (UbJournal *self, guint step, guint64 offset, gboolean sync, GError **error)
{
  g_autofree char *line = NULL;
  g_autofree char *whole = NULL;

  if (self->fd < 0 && !open_position (self, error))
    return FALSE;
  line = dup_line (self, step, offset);
  whole = g_strconcat (self->is_torn ? "\n" : "", line, NULL);
  self->is_torn = TRUE;
  if (!ub_disk_write (self->fd, self->path, whole, strlen (whole), error))
    return FALSE;
  self->is_torn = FALSE;
  g_mutex_lock (&self->lock);
  self->step = step;
  self->offset = offset;
  g_mutex_unlock (&self->lock);
  if (!sync || fdatasync (self->fd) == 0)
    return TRUE;
  ub_disk_set_write_error (error, self->path, errno);
  return FALSE;
}

/* --- making, opening, removing --- */

UbJournal *
ub_journal_new_from_bytes (const char *path, GBytes *job, GBytes *position, GError **error)
{
  g_autoptr (UbJournal) self = g_object_new (UB_TYPE_JOURNAL, NULL);
  g_autoptr (JsonParser) parser = ub_json_parse (job, JOB, UB_ERROR_FILE_READ, error);

  if (parser == NULL)
    return NULL;
  self->path = g_canonicalize_filename (path, NULL);
  self->seed = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, job);
  if (!read_job (self, json_node_get_object (json_parser_get_root (parser)), error) ||
      !read_position (self, position, error))
    return NULL;
  return g_steal_pointer (&self);
}

UbJournal *
ub_journal_open (const char *path, GError **error)
{
  g_autofree char *job_path = g_build_filename (path, JOB, NULL);
  g_autofree char *position_path = g_build_filename (path, POSITION, NULL);
  g_autoptr (GBytes) job = ub_disk_read_file (job_path, MAX_JOB, error);
  g_autoptr (GBytes) position =
                 job != NULL ? ub_disk_read_file (position_path, MAX_POSITION, error) : NULL;

  return position != NULL ? ub_journal_new_from_bytes (path, job, position, error) : NULL;
}

static gboolean
write_files (const char *path, const char *job, GError **error)
{
  g_autofree char *seed = g_compute_checksum_for_string (G_CHECKSUM_SHA256, job, -1);
  g_autofree char *head = g_strdup_printf (POSITION_HEAD "%s\n", seed);

  return ub_disk_write_file (path, JOB, job, strlen (job), error) &&
         ub_disk_write_file (path, POSITION, head, strlen (head), error);
}

/* a folder that is whole when it gets its name */
static char *
make_folder (const char *folder, UbPhoneInfo *phone, const char *job, GError **error)
{
  g_autofree char *key = ub_phone_info_dup_key (phone);
  g_autofree char *name = g_strdup_printf ("%s-%" G_GINT64_FORMAT "-%08x",
                                           key[0] != '\0' ? key : "unknown",
                                           g_get_real_time (),
                                           g_random_int ());
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *unfinished = g_strdup_printf ("%s/" UNFINISHED "%s", folder, name);

  if (!ub_disk_make_folder (folder, error) || !ub_disk_make_folder (unfinished, error))
    return NULL;
  if (!write_files (unfinished, job, error))
    {
      ub_disk_remove_tree (unfinished, NULL);
      return NULL;
    }
  if (g_rename (unfinished, path) != 0)
    {
      ub_disk_set_write_error (error, path, errno);
      ub_disk_remove_tree (unfinished, NULL);
      return NULL;
    }
  return ub_disk_sync_folder (folder, error) ? g_steal_pointer (&path) : NULL;
}

/* what a kill left half made or half removed */
static void
sweep (const char *path, const char *name)
{
  struct stat info;

  if (g_str_has_prefix (name, REMOVED) ||
      (g_str_has_prefix (name, UNFINISHED) && lstat (path, &info) == 0 &&
       info.st_mtime < g_get_real_time () / G_USEC_PER_SEC - DAY))
    ub_disk_remove_tree (path, NULL);
}

static int
compare_jobs (gconstpointer a, gconstpointer b)
{
  UbJournal *one = *(UbJournal *const *) a;
  UbJournal *other = *(UbJournal *const *) b;
  int        order = g_date_time_compare (other->time, one->time);

  return order != 0 ? order : strcmp (other->path, one->path);
}

static GPtrArray *
list_all (const char *folder)
{
  GPtrArray *jobs = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && jobs->len < MAX_JOBS && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      UbJournal       *job = name[0] != '.' && !g_file_test (path, G_FILE_TEST_IS_SYMLINK)
                                 ? ub_journal_open (path, NULL)
                                 : NULL;

      if (job != NULL)
        g_ptr_array_add (jobs, job);
      else if (name[0] == '.')
        sweep (path, name);
    }
  g_ptr_array_sort (jobs, compare_jobs);
  return jobs;
}

static gboolean
is_same_phone (UbJournal *self, UbPhoneInfo *phone)
{
  return ub_phone_info_compare (self->phone, phone) == UB_SAME_PHONE_YES;
}

GPtrArray *
ub_journal_list (const char *folder)
{
  g_autofree char *own = folder == NULL ? ub_journal_dup_default_folder () : NULL;
  GPtrArray       *jobs = list_all (own != NULL ? own : folder);

  /* killed between making the new one and removing the old one: the new one counts */
  for (guint i = 0; i < jobs->len; i++)
    for (guint k = jobs->len - 1; k > i; k--)
      if (is_same_phone (g_ptr_array_index (jobs, k),
                         ((UbJournal *) g_ptr_array_index (jobs, i))->phone))
        g_ptr_array_remove_index (jobs, k);
  return jobs;
}

/* What the phone had before is in the copy alone, if the job was in the middle of something. One that was made in
 * this process and never got anywhere did nothing */
static void
remember_copy (UbJournal *self)
{
  const gboolean began = !self->is_new || self->step > 0 || self->offset > 0;

  if (self->copy != NULL && began && self->step < g_strv_length (self->steps))
    ub_safety_copy_set_unfinished (self->copy);
}

/* the older jobs of the same phone: what they knew of it is no longer so */
static void
remove_older (UbJournal *self)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  g_autoptr (GPtrArray) jobs = list_all (folder);

  for (guint i = 0; i < jobs->len; i++)
    {
      UbJournal *other = g_ptr_array_index (jobs, i);

      if (strcmp (other->path, self->path) != 0 && is_same_phone (other, self->phone) &&
          g_date_time_compare (other->time, self->time) <= 0)
        {
          remember_copy (other);
          ub_disk_remove_tree (other->path, NULL);
        }
    }
}

UbJournal *
ub_journal_new (const char  *folder,
                UbPlan      *plan,
                UbPhoneInfo *phone,
                UbBackup    *copy,
                GError     **error)
{
  g_autofree char *own = folder == NULL ? ub_journal_dup_default_folder () : NULL;
  g_autofree char *job = build (plan, phone, copy);
  g_autofree char *path = make_folder (own != NULL ? own : folder, phone, job, error);
  g_autoptr (UbJournal) self = path != NULL ? ub_journal_open (path, error) : NULL;

  if (self != NULL)
    {
      self->is_new = TRUE;
      remove_older (self);
    }
  return g_steal_pointer (&self);
}

gboolean
ub_journal_remove (UbJournal *self, GError **error)
{
  remember_copy (self);
  /* the older first: a kill in between must not bring one of them back */
  remove_older (self);
  return ub_disk_remove_tree (self->path, error);
}

/* --- what it says --- */

guint
ub_journal_get_step (UbJournal *self)
{
  guint step;

  g_mutex_lock (&self->lock);
  step = self->step;
  g_mutex_unlock (&self->lock);
  return step;
}

guint64
ub_journal_get_offset (UbJournal *self)
{
  guint64 offset;

  g_mutex_lock (&self->lock);
  offset = self->offset;
  g_mutex_unlock (&self->lock);
  return offset;
}

const char *
ub_journal_get_digest (UbJournal *self)
{
  return self->digest;
}

const char *
ub_journal_get_path (UbJournal *self)
{
  return self->path;
}

const char *
ub_journal_get_copy (UbJournal *self)
{
  return self->copy;
}

GDateTime *
ub_journal_get_time (UbJournal *self)
{
  return self->time;
}

UbMode
ub_journal_get_mode (UbJournal *self)
{
  return self->mode;
}

UbPhoneInfo *
ub_journal_get_phone (UbJournal *self)
{
  return self->phone;
}

UbPlan *
ub_journal_dup_plan (UbJournal *self, GCancellable *cancellable, GError **error)
{
  return ub_plan_new_from_variant (self->plan, cancellable, error);
}

char *
ub_journal_dup_sentence (UbJournal *self)
{
  const UbBromInfo *brom = ub_phone_info_get_brom (self->phone);
  const char       *chip = brom != NULL && brom->chip != NULL ? brom->chip->name : "MediaTek";
  const guint       step = ub_journal_get_step (self);
  /* Translators: in place of the name of a part: "stopped at the end" */
  const char *part = step < g_strv_length (self->steps) ? self->steps[step] : _ ("the end");
  g_autoptr (GDateTime) local = g_date_time_to_local (self->time);
  /* Translators: day, month, time; see strftime */
  g_autofree char *time = g_date_time_format (local, _ ("%-d %B, %H:%M"));

  switch (self->mode)
    {
    case UB_MODE_ERASE:
      /* Translators: what is erased, a chip, a part of the phone, a time */
      return g_strdup_printf (_ ("Erasing “%s” on a phone (%s) stopped at %s on %s. It can go on."),
                              self->title,
                              chip,
                              part,
                              time);
    case UB_MODE_RESTORE:
      /* Translators: a copy, a chip, a part of the phone, a time */
      return g_strdup_printf (
          _ ("Putting “%s” back on a phone (%s) stopped at %s on %s. It can go on."),
          self->title,
          chip,
          part,
          time);
    default:
      /* Translators: a firmware or an image, a chip, a part of the phone, a time */
      return g_strdup_printf (_ ("Writing “%s” to a phone (%s) stopped at %s on %s. It can go on."),
                              self->title,
                              chip,
                              part,
                              time);
    }
}
