/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "da/ub-da-xml-private.h"

#include "base/ub-error.h"

#include <string.h>

/* what one command may ask of us, and how often it may tell how far it is */
#define MAX_REQUESTS 4096
#define MAX_PROGRESS 1000000
/* DA1 asks for 4 KiB, DA2 for 2 MiB */
#define MIN_PACKET 512

typedef enum
{
  GO_ON,
  ENDED, /* the agent has ended the command */
  BROKEN,
} Turn;

static UbLink *
get_link (UbDaXml *self)
{
  return ub_da_get_link (UB_DA (self));
}

static guint
get_timeout (const UbDaXmlJob *job)
{
  return job->timeout_ms > 0 ? job->timeout_ms : UB_DA_XML_TIMEOUT_MS;
}

void
ub_da_xml_job_clear (UbDaXmlJob *self)
{
  g_clear_error (&self->own);
  g_clear_pointer (&self->document, g_byte_array_unref);
}

char *
ub_da_xml_name_data (guint64 size)
{
  return g_strdup_printf ("MEM://0x0:0x%" G_GINT64_MODIFIER "x", size);
}

const char *
ub_da_xml_document_name (void)
{
  return "MEM://0x0:0x80000";
}

/* --- words both ways --- */

static gboolean
say (UbDaXml *self, const char *text, GError **error)
{
  return ub_da_frame_send (get_link (self),
                           (const guint8 *) text,
                           strlen (text) + 1,
                           UB_DA_FRAME_SEND_TIMEOUT_MS,
                           error);
}

static gboolean
say_value (UbDaXml *self, guint64 value, GError **error)
{
  char text[32];

  g_snprintf (text, sizeof text, "OK@0x%" G_GINT64_MODIFIER "x", value);
  return say (self, text, error);
}

/* the next text, into @self->text */
static gboolean
take_text (UbDaXml *self, guint32 size, guint timeout_ms, UbDaXmlWord *word, GError **error)
{
  g_byte_array_set_size (self->text, size + 1);
  if (size > 0 && !ub_link_receive (get_link (self), self->text->data, size, timeout_ms, error))
    return FALSE;
  self->text->data[size] = '\0';
  ub_da_xml_messages_parse_word ((const char *) self->text->data, size, word);
  return TRUE;
}

/* @cancellable (nullable): heard at once */
static gboolean
hear (UbDaXml *self, guint timeout_ms, GCancellable *cancellable, UbDaXmlWord *word, GError **error)
{
  guint32 size = 0;

  return ub_da_frame_await_header (get_link (self),
                                   UB_DA_XML_MESSAGES_LIMIT,
                                   &size,
                                   timeout_ms,
                                   cancellable,
                                   error) &&
         take_text (self, size, timeout_ms, word, error);
}

/* in the middle of a command, which is left only if the agent does not get on with it */
static gboolean
hear_for (UbDaXml *self, const UbDaXmlJob *job, guint timeout_ms, UbDaXmlWord *word, GError **error)
{
  guint32 size = 0;

  if (job->abort != NULL)
    return hear (self, timeout_ms, job->abort, word, error);
  return ub_da_frame_await_answer (get_link (self),
                                   UB_DA_XML_MESSAGES_LIMIT,
                                   &size,
                                   timeout_ms,
                                   job->cancellable,
                                   error) &&
         take_text (self, size, timeout_ms, word, error);
}

static gboolean
parse_heard (UbDaXml *self, UbDaXmlRequest *request, GError **error)
{
  return ub_da_xml_messages_parse_request ((const char *) self->text->data,
                                           self->text->len,
                                           request,
                                           error);
}

static Turn
set_unexpected (const UbDaXmlJob *job, const char *text, GError **error)
{
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_PROTOCOL,
               "%s: unexpected %s",
               job->what,
               text[0] != '\0' ? text : "text");
  return BROKEN;
}

/* An agent that got other bytes than the sum says ends the command without a word of its own. What it then repeats is the
 * message of an error before */
static void
note_damage (const UbDaXml *self, UbDaXmlJob *job, const char *message)
{
  job->damaged = job->in_packet && job->result == UB_DA_XML_RESULT_ERROR &&
                 (message[0] == '\0' || strcmp (message, self->message) == 0 ||
                  ub_da_xml_messages_is_checksum (message));
}

static Turn
take_end (UbDaXml *self, UbDaXmlJob *job, const UbDaXmlRequest *end, GError **error)
{
  job->result = end->result;
  note_damage (self, job, end->message);
  g_strlcpy (self->message, end->message, sizeof self->message);
  self->place = end->result == UB_DA_XML_RESULT_ERROR ? UB_DA_XML_IN_DOUBT : UB_DA_XML_BEFORE_START;
  return say (self, "OK", error) ? ENDED : BROKEN;
}

/* a word, where END may come in its place */
static Turn
hear_word_within (UbDaXml     *self,
                  UbDaXmlJob  *job,
                  guint        timeout_ms,
                  UbDaXmlWord *word,
                  GError     **error)
{
  UbDaXmlRequest request;

  if (!hear_for (self, job, timeout_ms, word, error))
    return BROKEN;
  if (word->kind != UB_DA_XML_WORD_DOCUMENT)
    return GO_ON;
  if (!parse_heard (self, &request, error))
    return BROKEN;
  if (request.kind == UB_DA_XML_END)
    return take_end (self, job, &request, error);
  return set_unexpected (job, request.command, error);
}

static Turn
hear_word (UbDaXml *self, UbDaXmlJob *job, UbDaXmlWord *word, GError **error)
{
  return hear_word_within (self, job, get_timeout (job), word, error);
}

/* OK; with any other word the agent says no, and END is next */
static Turn
hear_ok (UbDaXml *self, UbDaXmlJob *job, UbDaXmlWord *word, GError **error)
{
  Turn turn = hear_word (self, job, word, error);

  if (turn != GO_ON || word->kind == UB_DA_XML_WORD_OK)
    return turn;
  turn = hear_word (self, job, word, error);
  if (turn == GO_ON)
    return set_unexpected (job, "word after a refusal", error);
  return turn;
}

/* no to what the agent asks for */
static Turn
refuse (UbDaXml *self, UbDaXmlJob *job, const char *word, GError **error)
{
  job->refused = TRUE;
  return say (self, word, error) ? GO_ON : BROKEN;
}

static void
tell (UbDaXmlJob *job, guint64 done)
{
  done += job->before;
  if (job->progress == NULL || done <= job->told)
    return;
  job->told = done;
  job->progress (done, job->total, job->user_data);
}

/* --- data to the phone (§4.4.1) --- */

gboolean
ub_da_xml_job_hold (UbDaXmlJob *job, GError **error)
{
  const gsize size = (gsize) MIN (job->source_size - job->done, UB_DA_XML_PACKET);

  if (job->held.data != NULL)
    return TRUE;
  if (g_cancellable_set_error_if_cancelled (job->cancellable, error))
    return FALSE;
  if (!job->source (job->source_data, size, &job->held, error))
    {
      job->held = (UbDaPacket){ 0 };
      return FALSE;
    }
  if (job->held.size == size)
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_INTERNAL,
               "%s: a packet of %" G_GSIZE_FORMAT " bytes instead of %" G_GSIZE_FORMAT,
               job->what,
               job->held.size,
               size);
  return FALSE;
}

static Turn
send_piece (UbDaXml      *self,
            UbDaXmlJob   *job,
            const guint8 *data,
            gsize         size,
            guint32       sum,
            GError      **error)
{
  UbDaXmlWord word;
  Turn        turn;

  if (!say_value (self, sum, error))
    return BROKEN;
  turn = hear_ok (self, job, &word, error);
  if (turn != GO_ON)
    return turn;
  if (!ub_da_frame_send (get_link (self), data, size, UB_DA_FRAME_SEND_TIMEOUT_MS, error))
    return BROKEN;
  job->in_packet = TRUE;
  turn = hear_ok (self, job, &word, error);
  job->in_packet = FALSE;
  return turn;
}

/* as one, or, if the agent asks for less, in pieces of @packet */
static Turn
send_held (UbDaXml *self, UbDaXmlJob *job, gsize packet, GError **error)
{
  const UbDaPacket *held = &job->held;

  for (gsize done = 0; done < held->size;)
    {
      const gsize   size = MIN (held->size - done, packet);
      const guint8 *data = held->data + done;
      const guint32 sum =
          size == held->size ? held->checksum : ub_da_checksum (UB_DA (self), data, size);
      const Turn turn = send_piece (self, job, data, size, sum, error);

      if (turn != GO_ON)
        return turn;
      done += size;
      tell (job, job->done + done);
    }
  job->done += held->size;
  job->held = (UbDaPacket){ 0 };
  return GO_ON;
}

static Turn
serve_download (UbDaXml *self, UbDaXmlJob *job, const UbDaXmlRequest *request, GError **error)
{
  UbDaXmlWord word;
  Turn        turn;

  if (job->source_file == NULL || job->served || job->own != NULL ||
      strcmp (request->file, job->source_file) != 0)
    return refuse (self, job, "ERR", error);
  if (request->packet_length < MIN_PACKET)
    {
      set_unexpected (job, "length of packets", &job->own);
      return refuse (self, job, "ERR", error);
    }
  if (!say (self, "OK", error) || !say_value (self, job->source_size - job->done, error))
    return BROKEN;
  turn = hear_ok (self, job, &word, error);
  while (turn == GO_ON && job->done < job->source_size)
    {
      if (!ub_da_xml_job_hold (job, &job->own))
        return refuse (self, job, "ERR!CANCEL", error);
      turn = send_held (self, job, request->packet_length, error);
    }
  job->served = turn == GO_ON;
  return turn;
}

/* --- data from the phone (§4.4.2) --- */

static gboolean
check_size (const UbDaXmlJob *job, const UbDaXmlWord *word, GError **error)
{
  if (word->has_value && (job->sink != NULL ? word->value == job->target_size
                                            : word->value <= UB_DA_XML_MESSAGES_LIMIT))
    return TRUE;
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_PROTOCOL,
               "%s: 0x%" G_GINT64_MODIFIER "x bytes are coming instead of %s0x%" G_GINT64_MODIFIER
               "x",
               job->what,
               word->value,
               job->sink != NULL ? "" : "at most ",
               job->sink != NULL ? job->target_size : UB_DA_XML_MESSAGES_LIMIT);
  return FALSE;
}

/* what nobody wants any more is taken all the same: there is no other way back into the loop */
static void
take_data (UbDaXml *self, UbDaXmlJob *job, gsize size, guint64 done)
{
  if (job->own != NULL)
    return;
  if (job->sink == NULL)
    g_byte_array_append (job->document, self->buffer, (guint) size);
  else if (job->sink (job->sink_data, self->buffer, size, &job->own) &&
           !g_cancellable_set_error_if_cancelled (job->cancellable, &job->own))
    tell (job, done);
}

static Turn
receive_packet (UbDaXml *self, UbDaXmlJob *job, guint32 limit, guint32 *size, GError **error)
{
  UbDaXmlWord word;
  Turn        turn = hear_ok (self, job, &word, error);

  if (turn != GO_ON)
    return turn;
  if (!say (self, "OK", error) ||
      !ub_da_frame_receive_header (get_link (self), limit, size, get_timeout (job), error))
    return BROKEN;
  if (*size == 0)
    return set_unexpected (job, "empty packet", error);
  if (!ub_link_receive (get_link (self), self->buffer, *size, get_timeout (job), error) ||
      !say (self, "OK", error))
    return BROKEN;
  return GO_ON;
}

static Turn
serve_upload (UbDaXml *self, UbDaXmlJob *job, const UbDaXmlRequest *request, GError **error)
{
  UbDaXmlWord word;
  Turn        turn;

  if (job->target_file == NULL || job->served || job->own != NULL || request->packet_length == 0 ||
      strcmp (request->file, job->target_file) != 0)
    return refuse (self, job, "ERR", error);
  if (!say (self, "OK", error))
    return BROKEN;
  turn = hear_ok (self, job, &word, error);
  if (turn != GO_ON)
    return turn;
  if (!check_size (job, &word, &job->own))
    return refuse (self, job, "ERR!CANCEL", error);
  if (!say (self, "OK", error))
    return BROKEN;
  if (self->buffer == NULL)
    self->buffer = g_malloc (UB_DA_XML_PACKET);
  for (guint64 done = 0; done < word.value;)
    {
      const guint64 total = word.value;
      guint32       size = 0;

      turn = receive_packet (self,
                             job,
                             (guint32) MIN (MIN (total - done, UB_DA_XML_PACKET),
                                            request->packet_length),
                             &size,
                             error);
      if (turn != GO_ON)
        return turn;
      done += size;
      take_data (self, job, size, done);
    }
  job->served = TRUE;
  return GO_ON;
}

/* --- its other requests --- */

/* §4.4.3. Ends with silence at the latest: every word of it is waited for that long and no longer. What it does for itself before it takes
 * a source is to erase all of the place, which for some GiB takes longer than any packet */
static Turn
serve_progress (UbDaXml *self, UbDaXmlJob *job, GError **error)
{
  const guint timeout_ms =
      job->source != NULL ? MAX (get_timeout (job), UB_DA_XML_ERASE_TIMEOUT_MS) : get_timeout (job);

  if (!say (self, "OK", error))
    return BROKEN;
  for (guint i = 0; i < MAX_PROGRESS; i++)
    {
      UbDaXmlWord word;
      const Turn  turn = hear_word_within (self, job, timeout_ms, &word, error);

      if (turn != GO_ON)
        return turn;
      if (word.kind != UB_DA_XML_WORD_PROGRESS && word.kind != UB_DA_XML_WORD_EOT)
        return set_unexpected (job, "word instead of progress", error);
      if (word.has_value && job->amount > 0)
        tell (job, job->amount * word.value / 100);
      if (!say (self, "OK", error))
        return BROKEN;
      if (word.kind == UB_DA_XML_WORD_EOT)
        return GO_ON;
    }
  return set_unexpected (job, "progress without an end", error);
}

/* §4.4.4. Nothing of this computer is looked at or touched: there is the one name that we gave, and no other */
static Turn
serve_file_operation (UbDaXml              *self,
                      const UbDaXmlJob     *job,
                      const UbDaXmlRequest *request,
                      GError              **error)
{
  const gboolean ours =
      job->source_file != NULL && strcmp (request->file, job->source_file) == 0 && !job->served;
  char        size[32] = "OK@0x0";
  const char *answer = size;

  if (strcmp (request->key, "EXISTS") == 0)
    answer = ours ? "OK@EXISTS" : "OK@NOT-EXISTS";
  else if (strcmp (request->key, "FILE-SIZE") == 0 && ours)
    g_snprintf (size, sizeof size, "OK@0x%" G_GINT64_MODIFIER "x", job->source_size - job->done);
  return say (self, "OK", error) && say (self, answer, error) ? GO_ON : BROKEN;
}

static Turn
serve (UbDaXml *self, UbDaXmlJob *job, GError **error)
{
  UbDaXmlRequest request;

  if (!parse_heard (self, &request, error))
    return BROKEN;
  switch (request.kind)
    {
    case UB_DA_XML_END:
      return take_end (self, job, &request, error);
    case UB_DA_XML_DOWNLOAD_FILE:
      return serve_download (self, job, &request, error);
    case UB_DA_XML_UPLOAD_FILE:
      return serve_upload (self, job, &request, error);
    case UB_DA_XML_PROGRESS_REPORT:
      return serve_progress (self, job, error);
    case UB_DA_XML_FILE_SYS_OPERATION:
      return serve_file_operation (self, job, &request, error);
    case UB_DA_XML_UNKNOWN:
      return refuse (self, job, "ERR!UNSUPPORTED", error);
    case UB_DA_XML_START:
    default:
      return set_unexpected (job, request.command, error);
    }
}

/* --- the loop (§4.2) --- */

static gboolean
hear_start (UbDaXml *self, guint timeout_ms, GCancellable *cancellable, GError **error)
{
  UbDaXmlRequest request = { 0 };
  UbDaXmlWord    word;

  if (!hear (self, timeout_ms, cancellable, &word, error))
    return FALSE;
  if (word.kind == UB_DA_XML_WORD_DOCUMENT && !parse_heard (self, &request, error))
    return FALSE;
  if (word.kind == UB_DA_XML_WORD_DOCUMENT && request.kind == UB_DA_XML_START)
    return say (self, "OK", error);
  g_set_error (error,
               UB_ERROR,
               UB_ERROR_PROTOCOL,
               "unexpected %s where the agent should be ready",
               request.command[0] != '\0' ? request.command : "word");
  return FALSE;
}

/* the conversation is lost, and stays so */
static gboolean
give_up (UbDaXml *self, GError *why, GError **error)
{
  self->place = UB_DA_XML_BROKEN;
  g_clear_error (&self->broken_by);
  self->broken_by = why;
  g_propagate_error (error, g_error_copy (why));
  return FALSE;
}

gboolean
ub_da_xml_await_start (UbDaXml *self, guint timeout_ms, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (!hear_start (self, timeout_ms, cancellable, &local))
    return give_up (self, g_steal_pointer (&local), error);
  self->place = UB_DA_XML_READY;
  return TRUE;
}

static Turn
serve_all (UbDaXml *self, UbDaXmlJob *job, GError **error)
{
  UbDaXmlWord word;
  Turn        turn = hear_word_within (self, job, UB_DA_XML_TIMEOUT_MS, &word, error);

  job->refused = turn == GO_ON && word.kind != UB_DA_XML_WORD_OK;
  for (guint i = 0; turn == GO_ON && i < MAX_REQUESTS; i++)
    {
      if (!hear_for (self, job, get_timeout (job), &word, error))
        return BROKEN;
      if (word.kind == UB_DA_XML_WORD_DOCUMENT)
        turn = serve (self, job, error);
      else if (!job->refused)
        return set_unexpected (job, "word instead of a request", error);
    }
  return turn == GO_ON ? set_unexpected (job, "requests without an end", error) : turn;
}

/* what the END means */
static gboolean
judge (UbDaXml *self, UbDaXmlJob *job, GError **error)
{
  if (job->own != NULL)
    g_propagate_error (error, g_steal_pointer (&job->own));
  else if (job->result == UB_DA_XML_RESULT_UNSUPPORTED)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_UNSUPPORTED,
                 "%s: the phone's agent does not know how",
                 job->what);
  else if (job->damaged)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_CHECKSUM,
                 "%s: the packet at 0x%" G_GINT64_MODIFIER "x arrived damaged",
                 job->what,
                 job->done);
  else if (job->result != UB_DA_XML_RESULT_OK)
    g_set_error (error,
                 UB_ERROR,
                 ub_da_xml_messages_error (self->message, job->code),
                 "%s: the phone says \"%s\"",
                 job->what,
                 self->message);
  else if ((job->source != NULL || job->target_file != NULL) && !job->served)
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_PROTOCOL,
                 "%s: the agent ended it without %s all data",
                 job->what,
                 job->source != NULL ? "taking" : "bringing");
  else
    return TRUE;
  return FALSE;
}

/* ready for a command. After an error the agent may be gone for good, which only its silence tells */
static gboolean
become_ready (UbDaXml *self, const char *what, GError **error)
{
  const gboolean in_doubt = self->place == UB_DA_XML_IN_DOUBT;

  if (self->place == UB_DA_XML_READY)
    return TRUE;
  if (self->place == UB_DA_XML_BROKEN)
    {
      g_propagate_error (error, g_error_copy (self->broken_by));
      g_prefix_error (error, "%s: the conversation broke off before: ", what);
      return FALSE;
    }
  if (ub_da_xml_await_start (self, UB_DA_XML_START_TIMEOUT_MS, NULL, error))
    return TRUE;
  if (in_doubt)
    g_prefix_error (error,
                    "the agent did not go on after the error before (\"%s\"): ",
                    self->message);
  g_prefix_error (error, "%s: ", what);
  return FALSE;
}

gboolean
ub_da_xml_run (UbDaXml *self, UbDaXmlJob *job, const char *command, GError **error)
{
  g_autoptr (GError) local = NULL;

  job->served = job->refused = job->damaged = job->sent = FALSE;
  if (!become_ready (self, job->what, error))
    return FALSE;
  job->sent = say (self, command, &local);
  if (job->sent && serve_all (self, job, &local) == ENDED)
    return judge (self, job, error);
  g_prefix_error (&local, "%s: ", job->what);
  return give_up (self, g_steal_pointer (&local), error);
}

GBytes *
ub_da_xml_fetch (UbDaXml *self, const char *what, const char *command, GError **error)
{
  g_auto (UbDaXmlJob) job = { .what = what,
                              .code = UB_ERROR_PROTOCOL,
                              .target_file = ub_da_xml_document_name (),
                              .document = g_byte_array_new () };

  if (!ub_da_xml_run (self, &job, command, error))
    return NULL;
  return g_byte_array_free_to_bytes (g_steal_pointer (&job.document));
}
