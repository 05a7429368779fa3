/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ub-log.h"

#include <string.h>

#define LINES 500
#define MAX_LENGTH 1000 /* bytes of one message */

struct _UbLog
{
  GMutex lock; /* guards all below */
  GQueue lines;
  guint  max_lines;
  guint  n_forgotten;
};

UbLog *
ub_log_new (guint max_lines)
{
  UbLog *self = g_new0 (UbLog, 1);

  g_mutex_init (&self->lock);
  g_queue_init (&self->lines);
  self->max_lines = max_lines > 0 ? max_lines : LINES;
  return self;
}

void
ub_log_free (UbLog *self)
{
  if (self == NULL)
    return;
  g_queue_clear_full (&self->lines, g_free);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static const char *
level_to_string (GLogLevelFlags level)
{
  if (level & G_LOG_LEVEL_ERROR)
    return "ERROR";
  if (level & G_LOG_LEVEL_CRITICAL)
    return "CRITICAL";
  if (level & G_LOG_LEVEL_WARNING)
    return "warning";
  if (level & G_LOG_LEVEL_MESSAGE)
    return "message";
  if (level & G_LOG_LEVEL_INFO)
    return "info";
  return "debug";
}

/* a line stays a line, whatever is in it */
static char *
dup_line (GLogLevelFlags level, const char *domain, const char *message)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%H:%M:%S");
  g_autofree char *valid = g_utf8_make_valid (message, (gssize) strnlen (message, MAX_LENGTH));

  g_strdelimit (valid, "\r\n", ' ');
  return g_strdup_printf ("%s.%03d %s%s%s: %s",
                          time,
                          g_date_time_get_microsecond (now) / 1000,
                          domain != NULL ? domain : "",
                          domain != NULL ? " " : "",
                          level_to_string (level),
                          valid);
}

void
ub_log_add (UbLog *self, GLogLevelFlags level, const char *domain, const char *message)
{
  char *line = dup_line (level, domain, message);

  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->lines, line);
  while (g_queue_get_length (&self->lines) > self->max_lines)
    {
      g_free (g_queue_pop_head (&self->lines));
      self->n_forgotten++;
    }
  g_mutex_unlock (&self->lock);
}

char *
ub_log_dup_text (UbLog *self)
{
  GString *text = g_string_new (NULL);

  g_mutex_lock (&self->lock);
  if (self->n_forgotten > 0)
    g_string_append_printf (text, "(%u older lines are forgotten)\n", self->n_forgotten);
  for (GList *l = self->lines.head; l != NULL; l = l->next)
    g_string_append_printf (text, "%s\n", (const char *) l->data);
  g_mutex_unlock (&self->lock);
  return g_string_free (text, FALSE);
}

static char *
dup_field (const GLogField *field)
{
  if (field->length < 0)
    return g_strdup (field->value);
  return g_strndup (field->value, (gsize) field->length);
}

static GLogWriterOutput
write_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  const GLogLevelFlags worth =
      G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE;
  g_autofree char *domain = NULL;
  g_autofree char *message = NULL;

  for (gsize i = 0; i < n_fields; i++)
    if (message == NULL && g_str_equal (fields[i].key, "MESSAGE"))
      message = dup_field (&fields[i]);
    else if (domain == NULL && g_str_equal (fields[i].key, "GLIB_DOMAIN"))
      domain = dup_field (&fields[i]);
  if (message != NULL && (domain == NULL || (level & worth) != 0))
    ub_log_add (user_data, level, domain, message);
  return g_log_writer_default (level, fields, n_fields, NULL);
}

void
ub_log_install (UbLog *self)
{
  g_log_set_writer_func (write_cb, self, NULL);
}
