/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "lab/lab-script.h"

#include <string.h>

#define MS G_GINT64_CONSTANT (1000)
#define START_COMMAND 4 /* bytes */
#define FINISHED_MS 20  /* how often is looked whether the phone was let go */
#define AFTER_MS 500
#define LOOP_MS 400 /* a preloader that starts again and again: so long there, so long away */
#define FOR_EVER G_MAXUINT

typedef struct
{
  gint64  came_us;
  gint64  first_us; /* 0: none */
  guint64 bytes;
} Visit;

/* what comes: the phone itself (@thing is NULL) or something else */
typedef struct
{
  const LabThing *thing;
  gboolean        has_enter;
  UbEnter         enter;
} What;

struct _LabScript
{
  const LabStage *stage;
  gpointer        user_data;

  GMutex  lock; /* the visits */
  GArray *visits;

  What     what;
  guint    left; /* comings of a cycle */
  gint64   on_us, off_us, next_us;
  gboolean is_on;
  guint    timer;

  const char *afterlife; /* (nullable): one of afterlives */
  guint       after_ms;
  gboolean    is_after; /* it has begun */
  guint       watch;
};

static const struct
{
  const char *name;
  const char *what; /* (nullable): nothing */
  gboolean    loops;
} afterlives[] = {
  { "started", "android mtp+adb", FALSE },
  { "charging", "android charging", FALSE },
  { "recovery", "recovery", FALSE },
  { "fastboot", "fastboot", FALSE },
  { "meta", "meta", FALSE },
  { "bootrom", "bootrom", FALSE },
  { "broken", "broken", FALSE },
  { "loops", "preloader", TRUE },
  { "nothing", NULL, FALSE },
};

void
lab_script_came (LabScript *self)
{
  Visit visit = { .came_us = g_get_monotonic_time () };

  g_mutex_lock (&self->lock);
  g_array_append_val (self->visits, visit);
  g_mutex_unlock (&self->lock);
}

void
lab_script_heard (LabScript *self, gsize size)
{
  g_mutex_lock (&self->lock);
  if (self->visits->len > 0 && size > 0)
    {
      Visit *visit = &g_array_index (self->visits, Visit, self->visits->len - 1);

      if (visit->first_us == 0)
        visit->first_us = g_get_monotonic_time ();
      visit->bytes += size;
    }
  g_mutex_unlock (&self->lock);
}

static gboolean
is_spoken_to (LabScript *self)
{
  gboolean spoken;

  g_mutex_lock (&self->lock);
  spoken = self->visits->len > 0 &&
           g_array_index (self->visits, Visit, self->visits->len - 1).bytes >= START_COMMAND;
  g_mutex_unlock (&self->lock);
  return spoken;
}

static char *
describe_visit (const Visit *visit, gboolean with_bytes)
{
  g_autofree char *first =
      visit->first_us != 0 ? g_strdup_printf ("%" G_GINT64_FORMAT, visit->first_us - visit->came_us)
                           : g_strdup ("none");

  return with_bytes ? g_strdup_printf ("%s/%" G_GUINT64_FORMAT, first, visit->bytes)
                    : g_steal_pointer (&first);
}

static char *
describe_visits (LabScript *self, gboolean all)
{
  GString *text = g_string_new (NULL);

  g_mutex_lock (&self->lock);
  for (guint i = all ? 0 : MAX (self->visits->len, 1) - 1; i < self->visits->len; i++)
    {
      g_autofree char *one = describe_visit (&g_array_index (self->visits, Visit, i), all);

      g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", one);
    }
  g_mutex_unlock (&self->lock);
  if (text->len == 0 && !all)
    g_string_append (text, "none");
  return g_string_free (text, FALSE);
}

static gboolean
fail (GError **error, const char *why, const char *what)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s: %s", why, what);
  return FALSE;
}

static gboolean
parse_what (const char *name, What *what, GError **error)
{
  memset (what, 0, sizeof *what);
  if (name == NULL || *name == '\0')
    return TRUE;
  what->has_enter = g_str_equal (name, "bootrom") || g_str_equal (name, "preloader");
  what->enter = g_str_equal (name, "bootrom") ? UB_ENTER_BOOT_ROM : UB_ENTER_PRELOADER;
  if (!what->has_enter)
    what->thing = lab_things_find (name);
  return what->has_enter || what->thing != NULL || fail (error, "there is no such thing", name);
}

static char *
plug (LabScript *self, const What *what, GError **error)
{
  UbPracticePhone *phone = self->stage->lock (self->user_data);

  if (what->has_enter)
    ub_practice_phone_set_enter (phone, what->enter);
  self->stage->unlock (self->user_data);
  return self->stage->plug (self->user_data, what->thing, error);
}

/* what was begun before is over */
static void
begin (LabScript *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->left = 0;
  self->is_after = FALSE;
  g_mutex_lock (&self->lock);
  g_array_set_size (self->visits, 0);
  g_mutex_unlock (&self->lock);
}

static gboolean timer_cb (gpointer user_data);

static void
wait (LabScript *self, gint64 us)
{
  self->next_us += us;
  us = MAX (self->next_us - g_get_monotonic_time (), 0);
  self->timer = g_timeout_add_full (G_PRIORITY_HIGH, (guint) (us / MS), timer_cb, self, NULL);
}

static void
come (LabScript *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *answer = plug (self, &self->what, &error);

  if (answer == NULL)
    g_warning ("lab: %s", error->message);
  self->is_on = TRUE;
  if (self->left != FOR_EVER)
    self->left--;
  wait (self, self->on_us);
}

static gboolean
timer_cb (gpointer user_data)
{
  LabScript *self = user_data;

  self->timer = 0;
  if (!self->is_on)
    come (self);
  else if (self->on_us > 0 && !is_spoken_to (self))
    {
      self->stage->unplug (self->user_data);
      self->is_on = FALSE;
      if (self->left > 0)
        wait (self, self->off_us);
    }
  else
    self->left = 0;
  return G_SOURCE_REMOVE;
}

/* @on_us 0: it stays */
static void
start_cycle (LabScript *self, guint n, gint64 on_us, gint64 off_us, gint64 delay_us)
{
  self->left = n;
  self->on_us = on_us;
  self->off_us = off_us;
  self->is_on = FALSE;
  self->next_us = g_get_monotonic_time ();
  wait (self, delay_us);
}

static gboolean
parse_ms (const char *text, guint *ms, GError **error)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT / 1000, &value, error))
    return FALSE;
  *ms = (guint) value;
  return TRUE;
}

static char *
run_cycle (LabScript *self, const char *rest, GError **error)
{
  g_auto (GStrv) words = g_strsplit (rest, " ", 4);
  guint n, on, off;
  What  what;

  if (words[0] == NULL)
    return g_strdup_printf ("%u", self->left);
  if (g_strv_length (words) < 3)
    {
      fail (error, "not N ON_MS OFF_MS [WHAT]", rest);
      return NULL;
    }
  if (!parse_ms (words[0], &n, error) || !parse_ms (words[1], &on, error) ||
      !parse_ms (words[2], &off, error) || !parse_what (words[3], &what, error))
    return NULL;
  begin (self);
  self->what = what;
  if (n > 0)
    start_cycle (self, n, MAX (on, 1) * MS, off * MS, 0);
  return g_strdup ("");
}

static void
play_afterlife (LabScript *self)
{
  guint i = 0;

  self->stage->unplug (self->user_data);
  begin (self);
  self->is_after = TRUE;
  while (!g_str_equal (afterlives[i].name, self->afterlife))
    i++;
  if (afterlives[i].what == NULL)
    return;
  parse_what (afterlives[i].what, &self->what, NULL);
  start_cycle (self,
               afterlives[i].loops ? FOR_EVER : 1,
               afterlives[i].loops ? LOOP_MS * MS : 0,
               LOOP_MS * MS,
               self->after_ms * MS);
}

static gboolean
watch_cb (gpointer user_data)
{
  LabScript       *self = user_data;
  UbPracticePhone *phone = self->stage->lock (self->user_data);
  gboolean let_go = ub_practice_phone_was_finished (phone) && !ub_practice_phone_is_present (phone);

  self->stage->unlock (self->user_data);
  if (let_go && !self->is_after)
    play_afterlife (self);
  return G_SOURCE_CONTINUE;
}

static char *
run_afterlife (LabScript *self, const char *rest, GError **error)
{
  g_auto (GStrv) words = g_strsplit (rest, " ", 2);
  guint       ms = AFTER_MS;
  const char *name = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (afterlives); i++)
    if (g_strcmp0 (words[0], afterlives[i].name) == 0)
      name = afterlives[i].name;
  if (name == NULL && g_strcmp0 (words[0], "none") != 0)
    {
      fail (error, "no such afterlife", rest);
      return NULL;
    }
  if (words[1] != NULL && !parse_ms (words[1], &ms, error))
    return NULL;
  g_clear_handle_id (&self->watch, g_source_remove);
  self->afterlife = name;
  self->after_ms = ms;
  self->is_after = FALSE;
  if (name != NULL)
    self->watch = g_timeout_add (FINISHED_MS, watch_cb, self);
  return g_strdup ("");
}

static char *
run_plug (LabScript *self, const char *rest, GError **error)
{
  What what;

  if (!parse_what (rest, &what, error))
    return NULL;
  begin (self);
  return plug (self, &what, error);
}

char *
lab_script_run (LabScript *self, const char *line, GError **error)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 2);
  const char *name = words[0] != NULL ? words[0] : "";
  const char *rest = words[0] != NULL && words[1] != NULL ? words[1] : "";

  if (g_str_equal (name, "plug"))
    return run_plug (self, rest, error);
  if (g_str_equal (name, "cycle"))
    return run_cycle (self, rest, error);
  if (g_str_equal (name, "afterlife"))
    return run_afterlife (self, rest, error);
  if (g_str_equal (name, "first-byte"))
    return describe_visits (self, FALSE);
  if (g_str_equal (name, "visits"))
    return describe_visits (self, TRUE);
  if (g_str_equal (name, "unplug") && *rest == '\0')
    {
      begin (self);
      self->stage->unplug (self->user_data);
      return g_strdup ("");
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no such command: %s", line);
  return NULL;
}

LabScript *
lab_script_new (const LabStage *stage, gpointer user_data)
{
  LabScript *self = g_new0 (LabScript, 1);

  self->stage = stage;
  self->user_data = user_data;
  self->visits = g_array_new (FALSE, FALSE, sizeof (Visit));
  g_mutex_init (&self->lock);
  return self;
}

void
lab_script_free (LabScript *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_handle_id (&self->watch, g_source_remove);
  g_array_unref (self->visits);
  g_mutex_clear (&self->lock);
  g_free (self);
}
