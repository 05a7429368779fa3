/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/ub-session-private.h"

#include "base/ub-error.h"
#include "base/ub-estimator.h"
#include "brom/ub-brom.h"
#include "da/ub-da.h"
#include "engine/ub-session-image.h"
#include "firmware/ub-agent.h"
#include "firmware/ub-gpt.h"
#include "firmware/ub-preloader.h"
#include "link/ub-link-tap.h"

#include <glib/gi18n.h>
#include <string.h>

#define SECTOR 512
/* protective MBR, header and 128 entries */
#define GPT_SIZE (34 * SECTOR)
#define MAX_EBRS 64
/* a phone that left this often without an answer gets past us: it needs a key held down */
#define LEFT_BEFORE_KEY 3
/* a phone that stays but does not answer is asked this often */
#define SILENT_TRIES 3
#define PAUSE_MS 20

typedef struct
{
  const UbSessionJob *job;
  UbSessionPost       post;
  gpointer            user_data;
  GCancellable       *cancellable;

  UbSessionNews news;
  UbEstimator  *estimator;
  guint64       base_done; /* bytes of the job before the present operation */
  guint64       bar_done;  /* bytes of the present bar before the present operation */
  guint64       bar_total;

  UbLink    *link;  /* (nullable) */
  UbLink    *tap;   /* (nullable) (unowned): @link, if it is one */
  char      *trace; /* (nullable): of the links before */
  gint64     begin; /* of the link's time */
  gint64     duration;
  UbDa      *da; /* (nullable) */
  gboolean   agent_runs;
  UbBromInfo brom;
  UbDaReport report;
  UbPlan    *plan;   /* (nullable): checked as far as we are */
  GPtrArray *images; /* of UbSessionImage, one for each step */
  guint      n_steps_done;
  char      *failed_partition;
} Work;

/* --- news --- */

static void
tell (Work *work)
{
  work->post (&work->news, work->user_data);
}

static void
set_step (Work *work, const char *step)
{
  g_free (work->news.step);
  work->news.step = g_strdup (step);
}

static void
enter (Work *work, UbSessionState state, UbBar bar, const char *step)
{
  work->news.state = state;
  work->news.bar = bar;
  work->news.fraction = bar == UB_BAR_WAIT || bar == UB_BAR_NONE ? -1 : 0;
  work->news.speed = 0;
  work->news.remaining = -1;
  set_step (work, step);
  ub_estimator_reset (work->estimator);
  tell (work);
}

static void
know_phone (Work *work, const UbDaReport *report, const UbLayout *layout)
{
  g_clear_object (&work->news.phone);
  work->news.phone = ub_phone_info_new (ub_link_get_port (work->link),
                                        ub_link_get_speed (work->link),
                                        &work->brom,
                                        report,
                                        layout);
  tell (work);
}

static void
on_agent_progress (guint64 done, guint64 total, gpointer user_data)
{
  Work *work = user_data;

  work->news.fraction = total > 0 ? (double) MIN (done, total) / (double) total : 0;
  tell (work);
}

static void
on_bytes (guint64 done, guint64 total, gpointer user_data)
{
  Work   *work = user_data;
  guint64 bar_done = work->bar_done + done;

  work->news.fraction =
      work->bar_total > 0 ? (double) MIN (bar_done, work->bar_total) / (double) work->bar_total : 0;
  ub_estimator_add (work->estimator, ub_link_now (work->link), bar_done, work->bar_total);
  work->news.speed = ub_estimator_get_speed (work->estimator);
  tell (work);
}

static void
on_written (guint64 done, guint64 total, gpointer user_data)
{
  Work *work = user_data;

  work->news.done_bytes = work->base_done + done;
  on_bytes (done, total, work);
  if (work->news.speed > 0 && work->news.total_bytes >= work->news.done_bytes)
    work->news.remaining = (gint64) ((double) (work->news.total_bytes - work->news.done_bytes) /
                                     work->news.speed * G_USEC_PER_SEC);
}

static gboolean
blocked (UbPlan *plan, GError **error)
{
  const UbIssue *issue = ub_plan_get_first_blocker (plan);

  if (issue == NULL)
    return FALSE;
  g_set_error_literal (error, UB_ERROR, issue->code, issue->text);
  return TRUE;
}

/* --- WAITING, CONNECTING, IDENTIFYING --- */

static void
keep_trace (Work *work)
{
  g_autofree char *before = g_steal_pointer (&work->trace);
  g_autofree char *tail = NULL;

  if (work->tap == NULL)
    {
      work->trace = g_steal_pointer (&before);
      return;
    }
  /* only the last visit: a phone may come and go for hours */
  tail = ub_link_tap_dup_tail (UB_LINK_TAP (work->tap));
  work->trace = g_steal_pointer (&tail);
  work->tap = NULL;
}

static void
drop_link (Work *work)
{
  if (work->link == NULL)
    return;
  work->duration = ub_link_now (work->link) - work->begin;
  keep_trace (work);
  ub_link_close (work->link);
  g_clear_object (&work->link);
}

static gboolean
wait_for_link (Work *work, GError **error)
{
  g_autoptr (UbLink) link = NULL;

  enter (work, UB_SESSION_WAITING, UB_BAR_WAIT, _ ("Waiting for the phone"));
  link = ub_link_source_wait (work->job->source,
                              work->job->port,
                              work->job->wait_ms,
                              work->cancellable,
                              error);
  if (link == NULL)
    return FALSE;
  if (work->job->trace)
    work->link = work->tap = ub_link_tap_new (link, NULL);
  else
    work->link = g_steal_pointer (&link);
  work->begin = ub_link_now (work->link);
  return TRUE;
}

/* the first byte goes out before anybody is told anything: a preloader listens only for a moment */
static gboolean
greet (Work *work, GError **error)
{
  if (!ub_brom_handshake (work->link, work->cancellable, error))
    return FALSE;
  enter (work, UB_SESSION_IDENTIFYING, UB_BAR_WAIT, _ ("Asking the phone who it is"));
  if (!ub_brom_identify (work->link, &work->brom, work->cancellable, error))
    return FALSE;
  if (work->brom.is_boot_rom && work->news.request == UB_REQUEST_HOLD_KEY)
    work->news.request = UB_REQUEST_RELEASE_KEYS;
  else
    work->news.request = UB_REQUEST_NONE;
  know_phone (work, NULL, NULL);
  return TRUE;
}

static gboolean
connect_phone (Work *work, GError **error)
{
  guint left = 0;
  guint silent = 0;

  work->news.request = UB_REQUEST_PLUG_IN;
  for (;;)
    {
      g_autoptr (GError) error_local = NULL;

      if (!wait_for_link (work, error))
        return FALSE;
      enter (work, UB_SESSION_CONNECTING, UB_BAR_WAIT, _ ("Talking to the phone"));
      if (greet (work, &error_local))
        return TRUE;
      if (g_error_matches (error_local, UB_ERROR, UB_ERROR_LINK_LOST))
        {
          left++;
          silent = 0;
        }
      else if ((!g_error_matches (error_local, UB_ERROR, UB_ERROR_LINK_TIMEOUT) &&
                !g_error_matches (error_local, UB_ERROR, UB_ERROR_PROTOCOL)) ||
               ++silent >= SILENT_TRIES)
        {
          g_propagate_error (error, g_steal_pointer (&error_local));
          return FALSE;
        }
      work->news.request = silent > 0                ? UB_REQUEST_REPLUG
                           : left >= LEFT_BEFORE_KEY ? UB_REQUEST_HOLD_KEY
                                                     : UB_REQUEST_PLUG_IN;
      ub_link_sleep (work->link, PAUSE_MS);
      drop_link (work);
    }
}

/* what can be known before anything is loaded: is it the right chip at all? */
static gboolean
check_chip (Work *work, GError **error)
{
  g_autoptr (UbPlan) checked = NULL;

  if (work->brom.chip == NULL)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_UNKNOWN_CHIP,
                   "hw code 0x%04x is not in the table",
                   work->brom.hw_code);
      return FALSE;
    }
  if (work->plan == NULL || work->job->info_only)
    return TRUE;
  checked = ub_plan_check (work->plan, work->news.phone);
  return !blocked (checked, error);
}

/* --- LOADING_AGENT --- */

static void
add_emi (GPtrArray *emis, const char *path)
{
  g_autoptr (UbPreloader) preloader = ub_preloader_open (path, NULL);

  if (preloader != NULL && preloader->emi != NULL)
    g_ptr_array_add (emis, g_steal_pointer (&preloader->emi));
}

/* the memory settings of every preloader of the package, the one of the map first */
static GPtrArray *
collect_emis (Work *work)
{
  GPtrArray  *emis = g_ptr_array_new_with_free_func ((GDestroyNotify) ub_emi_free);
  UbFirmware *firmware = work->plan != NULL ? ub_plan_get_firmware (work->plan) : NULL;
  const char *first = NULL;
  GPtrArray  *paths;

  if (firmware == NULL)
    return emis;
  paths = ub_firmware_get_partitions (firmware);
  for (guint i = 0; i < paths->len && first == NULL; i++)
    {
      const UbPartition *partition = g_ptr_array_index (paths, i);

      if (partition->role == UB_ROLE_PRELOADER &&
          partition->storage == ub_plan_get_storage (work->plan))
        first = partition->image_path;
    }
  if (first != NULL)
    add_emi (emis, first);
  paths = ub_firmware_get_preloaders (firmware);
  for (guint i = 0; paths != NULL && i < paths->len; i++)
    if (g_strcmp0 (g_ptr_array_index (paths, i), first) != 0)
      add_emi (emis, g_ptr_array_index (paths, i));
  return emis;
}

/* the package's own agents first, then those at hand; each once */
static GPtrArray *
collect_agents (Work *work)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *own =
      work->plan != NULL ? ub_firmware_get_agents (ub_plan_get_firmware (work->plan)) : NULL;

  for (guint i = 0; own != NULL && i < own->len; i++)
    g_ptr_array_add (paths, g_strdup (g_ptr_array_index (own, i)));
  for (gsize i = 0; work->job->agents != NULL && work->job->agents[i] != NULL; i++)
    if (!g_ptr_array_find_with_equal_func (paths, work->job->agents[i], g_str_equal, NULL))
      g_ptr_array_add (paths, g_strdup (work->job->agents[i]));
  return paths;
}

/* FALSE with NO_AGENT if the container has none for this chip */
static gboolean
load_setup (Work *work, const char *path, UbDaSetup *setup, GError **error)
{
  const UbChip       *chip = work->brom.chip;
  const UbAgentEntry *entry;
  g_autoptr (UbAgentFile) file = ub_agent_file_open (path, error);

  if (file == NULL)
    return FALSE;
  entry = ub_agent_file_select (file,
                                chip->agent_code,
                                work->brom.hw_sub_code,
                                work->brom.hw_version,
                                work->brom.sw_version);
  if (entry == NULL || entry->n_regions < 3 ||
      (ub_agent_file_is_v6 (file) && chip->protocol != UB_PROTOCOL_XML))
    {
      g_set_error (error, UB_ERROR, UB_ERROR_NO_AGENT, "%s: no agent for %s", path, chip->name);
      return FALSE;
    }
  setup->da1 = ub_agent_file_load (file, entry, 1, error);
  if (setup->da1 == NULL)
    return FALSE;
  setup->da2 = ub_agent_file_load (file, entry, 2, error);
  if (setup->da2 == NULL)
    return FALSE;
  setup->da1_address = entry->regions[1].load_address;
  setup->da1_signature = entry->regions[1].signature_length;
  setup->da2_address = entry->regions[2].load_address;
  setup->da2_signature = entry->regions[2].signature_length;
  setup->build_year = ub_agent_file_get_year (file);
  return TRUE;
}

/* FALSE with NO_AGENT, BAD_AGENT, FILE_READ or AGENT_REFUSED: the next one may do */
static gboolean
try_agent (Work *work, const char *path, GPtrArray *emis, GError **error)
{
  UbDaSetup setup = { .chip = work->brom.chip, .brom = work->brom, .emis = emis };
  g_autoptr (GBytes) da1 = NULL;
  g_autoptr (GBytes) da2 = NULL;
  gboolean loaded = load_setup (work, path, &setup, error);

  da1 = setup.da1;
  da2 = setup.da2;
  if (!loaded)
    return FALSE;
  g_clear_object (&work->da);
  work->da = ub_da_new (work->brom.chip->protocol, work->link, error);
  if (work->da == NULL)
    return FALSE;
  if (!ub_da_start (work->da,
                    &setup,
                    &work->report,
                    on_agent_progress,
                    work,
                    work->cancellable,
                    error))
    return FALSE;
  work->agent_runs = TRUE;
  return TRUE;
}

static gboolean
may_try_next (const GError *error)
{
  static const int codes[] = { UB_ERROR_NO_AGENT,
                               UB_ERROR_BAD_AGENT,
                               UB_ERROR_FILE_READ,
                               UB_ERROR_FILE_MISSING,
                               UB_ERROR_AGENT_REFUSED };

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_error_matches (error, UB_ERROR, codes[i]))
      return TRUE;
  return FALSE;
}

/* what the phone said counts more than what was wrong with a file */
static void
keep_error (GError **kept, GError *error)
{
  gboolean is_better =
      *kept == NULL || error->code == UB_ERROR_AGENT_REFUSED || (*kept)->code == UB_ERROR_NO_AGENT;

  if (!is_better)
    {
      g_error_free (error);
      return;
    }
  g_clear_error (kept);
  *kept = error;
}

static gboolean
load_agent (Work *work, GError **error)
{
  g_autoptr (GPtrArray) emis = collect_emis (work);
  g_autoptr (GPtrArray) paths = collect_agents (work);
  g_autoptr (GError) kept = NULL;

  enter (work, UB_SESSION_LOADING_AGENT, UB_BAR_RED, _ ("Starting the phone's loader"));
  for (guint i = 0; i < paths->len; i++)
    {
      g_autoptr (GError) error_local = NULL;

      if (try_agent (work, g_ptr_array_index (paths, i), emis, &error_local))
        return TRUE;
      if (!may_try_next (error_local))
        {
          g_propagate_error (error, g_steal_pointer (&error_local));
          return FALSE;
        }
      keep_error (&kept, g_steal_pointer (&error_local));
    }
  if (kept == NULL)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_NO_AGENT,
                 "no agent at hand for %s",
                 work->brom.chip->name);
  else
    g_propagate_error (error, g_steal_pointer (&kept));
  return FALSE;
}

/* --- CHECKING --- */

static gboolean
append_bytes (gpointer user_data, const guint8 *data, gsize size, GError **error)
{
  g_byte_array_append (user_data, data, (guint) size);
  return TRUE;
}

static GByteArray *
read_sectors (Work *work, guint64 offset, guint64 length, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  UbRegion region =
      work->report.storage == UB_STORAGE_UFS ? UB_REGION_UFS_LU2 : UB_REGION_EMMC_USER;

  if (!ub_da_read (work->da,
                   region,
                   offset,
                   length,
                   append_bytes,
                   bytes,
                   NULL,
                   NULL,
                   work->cancellable,
                   error))
    return NULL;
  if (bytes->len == length)
    return g_steal_pointer (&bytes);
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_PROTOCOL,
               "%u bytes came instead of %" G_GUINT64_FORMAT,
               bytes->len,
               length);
  return NULL;
}

/* MBR and the chain of EBRs, followed on the phone; NULL without error if there is no MBR */
static UbLayout *
read_mbr (Work *work, const guint8 *first, GError **error)
{
  g_autoptr (UbLayout) layout = ub_layout_new (UB_LAYOUT_MBR);
  guint64 extended = 0;
  guint64 next = 0;

  if (!ub_gpt_parse_mbr (first, 0, 0, layout, &next))
    return NULL;
  extended = next;
  for (guint i = 0; i < MAX_EBRS && next != 0; i++)
    {
      guint64 here = next;
      g_autoptr (GByteArray) sector = NULL;

      if (here % SECTOR != 0 || here > work->report.user_size - SECTOR)
        break;
      sector = read_sectors (work, here, SECTOR, error);
      if (sector == NULL)
        return NULL;
      if (!ub_gpt_parse_mbr (sector->data, here, extended, layout, &next) || next <= here)
        break;
    }
  return layout->entries->len > 0 ? g_steal_pointer (&layout) : NULL;
}

/* NULL with an error only if the phone is gone or the person said stop; NULL alone: it has no table
 */
static UbLayout *
read_layout (Work *work, GError **error)
{
  g_autoptr (GByteArray) head = NULL;
  g_autoptr (GError) error_local = NULL;
  g_autoptr (UbLayout) layout = NULL;

  if (work->report.user_size < GPT_SIZE)
    return NULL;
  head = read_sectors (work, 0, GPT_SIZE, error);
  if (head == NULL)
    return NULL;
  layout = ub_gpt_parse (head->data, head->len, SECTOR, NULL);
  if (layout != NULL && layout->kind == UB_LAYOUT_GPT)
    return g_steal_pointer (&layout);
  g_clear_pointer (&layout, ub_layout_free);
  /* the agent's table has names, an MBR has none */
  layout = ub_da_read_layout (work->da, &error_local);
  if (layout != NULL)
    return g_steal_pointer (&layout);
  if (g_error_matches (error_local, UB_ERROR, UB_ERROR_LINK_LOST))
    {
      g_propagate_error (error, g_steal_pointer (&error_local));
      return NULL;
    }
  return read_mbr (work, head->data, error);
}

static gboolean
check_phone (Work *work, GError **error)
{
  g_autoptr (UbLayout) layout = NULL;
  g_autoptr (GError) error_local = NULL;
  UbPlan *checked;

  work->news.request = UB_REQUEST_NONE;
  enter (work, UB_SESSION_CHECKING, UB_BAR_WAIT, _ ("Comparing the phone with the firmware"));
  know_phone (work, &work->report, NULL);
  layout = read_layout (work, &error_local);
  if (error_local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&error_local));
      return FALSE;
    }
  know_phone (work, &work->report, layout);
  if (work->plan == NULL)
    return TRUE;
  checked = ub_plan_check (work->plan, work->news.phone);
  g_object_unref (work->plan);
  work->plan = checked;
  return work->job->info_only || !blocked (checked, error);
}

/* --- WORKING --- */

static guint32
packet_checksum (const guint8 *data, gsize size, gpointer user_data)
{
  return ub_da_checksum (user_data, data, size);
}

static UbPipe *
open_pipe (Work *work, UbSessionImage *image, GError **error)
{
  return ub_session_image_open_pipe (image,
                                     ub_da_get_packet_size (work->da),
                                     packet_checksum,
                                     work->da,
                                     error);
}

/* every file is opened, and seen to be the one that was planned, before the first byte is written
 */
static gboolean
open_images (Work *work, GError **error)
{
  GPtrArray *steps = ub_plan_get_steps (work->plan);

  work->news.total_bytes = 0;
  for (guint i = 0; i < steps->len; i++)
    {
      UbSessionImage *image = g_ptr_array_index (work->images, i);

      if (!ub_session_image_prepare (image, g_ptr_array_index (steps, i), error))
        return FALSE;
      work->news.total_bytes += ub_session_image_get_bytes (image);
    }
  return TRUE;
}

/* the steps from @begin on that have the bar in common */
static guint
end_of_bar (Work *work, guint begin)
{
  GPtrArray    *steps = ub_plan_get_steps (work->plan);
  const UbStep *first = g_ptr_array_index (steps, begin);
  guint         end = begin;

  work->bar_done = 0;
  work->bar_total = 0;
  while (end < steps->len &&
         ((const UbStep *) g_ptr_array_index (steps, end))->start_up == first->start_up)
    work->bar_total += ub_session_image_get_bytes (g_ptr_array_index (work->images, end++));
  return end;
}

static gboolean
check_run (const UbStep *step, const UbPipeRun *run, GError **error)
{
  guint64 room = step->length > G_MAXUINT64 - SECTOR
                     ? G_MAXUINT64
                     : (step->length + SECTOR - 1) / SECTOR * SECTOR;

  if (run->offset <= room && run->length <= room - run->offset)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_IMAGE_TOO_BIG,
               "%s: the image reaches beyond 0x%" G_GINT64_MODIFIER "x bytes",
               step->name,
               room);
  return FALSE;
}

static gboolean
write_run (Work *work, const UbStep *step, const UbPipeRun *run, UbPipe *pipe, GError **error)
{
  /* start-up code is small and a half of it is worse than none: it is not stopped in the middle */
  GCancellable *cancellable = step->start_up ? NULL : work->cancellable;

  if (!check_run (step, run, error) || g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  g_free (work->failed_partition);
  work->failed_partition = g_strdup (step->name);
  if (!ub_da_write (work->da,
                    step->region,
                    step->offset + run->offset,
                    run->length,
                    ub_pipe_source,
                    pipe,
                    on_written,
                    work,
                    cancellable,
                    error))
    return FALSE;
  work->base_done += run->length;
  work->bar_done += run->length;
  on_written (0, 0, work);
  return TRUE;
}

static gboolean
write_step (Work *work, guint i, GError **error)
{
  const UbStep *step = g_ptr_array_index (ub_plan_get_steps (work->plan), i);
  g_autoptr (GError) error_local = NULL;
  g_autoptr (UbPipe) pipe = NULL;
  UbPipeRun run;

  if (g_cancellable_set_error_if_cancelled (work->cancellable, error))
    return FALSE;
  set_step (work, step->name);
  tell (work);
  pipe = open_pipe (work, g_ptr_array_index (work->images, i), error);
  if (pipe == NULL)
    return FALSE;
  while (ub_pipe_next_run (pipe, &run, &error_local))
    if (!write_run (work, step, &run, pipe, error))
      return FALSE;
  if (error_local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&error_local));
      return FALSE;
    }
  g_clear_pointer (&work->failed_partition, g_free);
  work->n_steps_done++;
  return TRUE;
}

static gboolean
write_all (Work *work, GError **error)
{
  GPtrArray *steps = ub_plan_get_steps (work->plan);
  guint      end = 0;

  for (guint i = 0; i < steps->len; i++)
    {
      const UbStep *step = g_ptr_array_index (steps, i);

      if (i == end)
        {
          end = end_of_bar (work, i);
          enter (work,
                 UB_SESSION_WORKING,
                 step->start_up ? UB_BAR_PURPLE : UB_BAR_YELLOW,
                 step->name);
        }
      if (!write_step (work, i, error))
        return FALSE;
    }
  return TRUE;
}

/* --- VERIFYING: a phone with broken start-up code is dead, so that is read back --- */

typedef struct
{
  UbPipe       *pipe;
  const UbStep *step;
  UbDaPacket    packet; /* what should come */
  gsize         used;
  guint64       left; /* of the run, not yet in @packet */
  gsize         packet_size;
} Compare;

static gboolean
compare_bytes (gpointer user_data, const guint8 *data, gsize size, GError **error)
{
  Compare *compare = user_data;

  while (size > 0)
    {
      gsize piece;

      if (compare->used == compare->packet.size)
        {
          gsize next = (gsize) MIN (compare->packet_size, compare->left);

          if (!ub_pipe_source (compare->pipe, next, &compare->packet, error))
            return FALSE;
          compare->used = 0;
          compare->left -= next;
        }
      piece = MIN (size, compare->packet.size - compare->used);
      if (memcmp (data, compare->packet.data + compare->used, piece) != 0)
        {
          g_set_error (error,
                       UB_ERROR,
                       UB_ERROR_VERIFY,
                       "%s: what was read back is not what was written",
                       compare->step->name);
          return FALSE;
        }
      compare->used += piece;
      data += piece;
      size -= piece;
    }
  return TRUE;
}

static gboolean
verify_run (Work *work, const UbStep *step, const UbPipeRun *run, UbPipe *pipe, GError **error)
{
  Compare compare = { .pipe = pipe,
                      .step = step,
                      .left = run->length,
                      .packet_size = ub_da_get_packet_size (work->da) };

  if (!check_run (step, run, error))
    return FALSE;
  if (!ub_da_read (work->da,
                   step->region,
                   step->offset + run->offset,
                   run->length,
                   compare_bytes,
                   &compare,
                   on_bytes,
                   work,
                   work->cancellable,
                   error))
    return FALSE;
  if (compare.left > 0 || compare.used < compare.packet.size)
    {
      g_set_error (error,
                   UB_ERROR,
                   UB_ERROR_VERIFY,
                   "%s: less was read back than was written",
                   step->name);
      return FALSE;
    }
  work->bar_done += run->length;
  return TRUE;
}

static gboolean
verify_step (Work *work, guint i, GError **error)
{
  const UbStep *step = g_ptr_array_index (ub_plan_get_steps (work->plan), i);
  g_autoptr (GError) error_local = NULL;
  g_autoptr (UbPipe) pipe = NULL;
  UbPipeRun run;

  set_step (work, step->name);
  tell (work);
  g_free (work->failed_partition);
  work->failed_partition = g_strdup (step->name);
  pipe = open_pipe (work, g_ptr_array_index (work->images, i), error);
  if (pipe == NULL)
    return FALSE;
  while (ub_pipe_next_run (pipe, &run, &error_local))
    if (!verify_run (work, step, &run, pipe, error))
      return FALSE;
  if (error_local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&error_local));
      return FALSE;
    }
  g_clear_pointer (&work->failed_partition, g_free);
  return TRUE;
}

static gboolean
verify_all (Work *work, GError **error)
{
  GPtrArray *steps = ub_plan_get_steps (work->plan);

  work->bar_done = 0;
  work->bar_total = 0;
  for (guint i = 0; i < steps->len; i++)
    if (((const UbStep *) g_ptr_array_index (steps, i))->start_up)
      work->bar_total += ub_session_image_get_bytes (g_ptr_array_index (work->images, i));
  enter (work, UB_SESSION_VERIFYING, UB_BAR_BLUE, _ ("Reading back start-up code"));
  for (guint i = 0; i < steps->len; i++)
    if (((const UbStep *) g_ptr_array_index (steps, i))->start_up && !verify_step (work, i, error))
      return FALSE;
  return TRUE;
}

/* --- the whole story --- */

static gboolean
check_before (Work *work, GError **error)
{
  if (work->plan == NULL && work->job->info_only)
    return TRUE;
  if (work->plan == NULL)
    {
      g_set_error (error, UB_ERROR, UB_ERROR_INTERNAL, "a job without a plan");
      return FALSE;
    }
  return work->job->info_only || !blocked (work->plan, error);
}

/* @state: (out): the state in which it ended */
static gboolean
do_all (Work *work, GError **error)
{
  if (!check_before (work, error))
    return FALSE;
  if (!connect_phone (work, error))
    return FALSE;
  if (!check_chip (work, error))
    return FALSE;
  if (!load_agent (work, error))
    return FALSE;
  if (!check_phone (work, error))
    return FALSE;
  if (work->job->info_only)
    return TRUE;
  if (!open_images (work, error))
    return FALSE;
  if (!write_all (work, error))
    return FALSE;
  return verify_all (work, error);
}

/* A phone that was written to and failed is switched off: starting it half-written only makes it
 * run in circles. One that was left as it was starts again. */
static UbDaFinish
how_to_finish (Work *work, gboolean ok)
{
  gboolean written = work->n_steps_done > 0 || work->failed_partition != NULL;

  if (ok)
    return work->job->keep_running ? UB_DA_FINISH_POWER_OFF : UB_DA_FINISH_REBOOT;
  return written ? UB_DA_FINISH_POWER_OFF : UB_DA_FINISH_REBOOT;
}

/* always, whatever happened before */
static gboolean
finish (Work *work, gboolean ok, GError **error)
{
  g_autoptr (GError) error_local = NULL;
  gboolean finished = TRUE;

  if (work->link == NULL)
    return TRUE;
  enter (work, UB_SESSION_FINISHING, UB_BAR_WAIT, _ ("Finishing"));
  if (work->agent_runs)
    finished = ub_da_finish (work->da, how_to_finish (work, ok), &error_local);
  drop_link (work);
  /* a phone that is gone after it was told to restart did just that */
  if (finished || g_error_matches (error_local, UB_ERROR, UB_ERROR_LINK_LOST))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&error_local));
  return FALSE;
}

static UbReport *
conclude (Work *work, UbSessionState state, const GError *error)
{
  UbResult result = UB_RESULT_DONE;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    result = UB_RESULT_CANCELLED;
  else if (error != NULL)
    result = UB_RESULT_FAILED;
  work->news.request = UB_REQUEST_NONE;
  enter (work,
         result == UB_RESULT_DONE     ? UB_SESSION_DONE
         : result == UB_RESULT_FAILED ? UB_SESSION_FAILED
                                      : UB_SESSION_CANCELLED,
         UB_BAR_NONE,
         "");
  return ub_report_new (result,
                        work->plan,
                        work->news.phone,
                        error,
                        (int) state,
                        work->n_steps_done,
                        work->news.done_bytes,
                        work->duration,
                        work->failed_partition,
                        work->trace);
}

static void
work_clear (Work *work)
{
  g_clear_object (&work->da);
  g_clear_object (&work->link);
  g_clear_object (&work->plan);
  g_clear_object (&work->news.phone);
  g_free (work->news.step);
  g_free (work->trace);
  g_free (work->failed_partition);
  ub_estimator_free (work->estimator);
  g_ptr_array_unref (work->images);
}

UbReport *
ub_session_work_run (const UbSessionJob *job,
                     UbSessionPost       post,
                     gpointer            user_data,
                     GCancellable       *cancellable)
{
  Work work = { .job = job, .post = post, .user_data = user_data, .cancellable = cancellable };
  g_autoptr (GError) error = NULL;
  UbSessionState state;
  UbReport      *report;
  gboolean       ok;

  work.estimator = ub_estimator_new ();
  work.images = job->plan != NULL ? ub_session_image_list (job->plan) : g_ptr_array_new ();
  work.plan = job->plan != NULL ? g_object_ref (job->plan) : NULL;
  work.news.total_bytes = job->plan != NULL ? ub_plan_get_bytes (job->plan) : 0;
  work.news.remaining = -1;
  ok = do_all (&work, &error);
  state = work.news.state;
  if (!finish (&work, ok, ok ? &error : NULL))
    state = ok ? UB_SESSION_FINISHING : state;
  report = conclude (&work, ok && error == NULL ? UB_SESSION_DONE : state, error);
  work_clear (&work);
  return report;
}
