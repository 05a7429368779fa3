/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "brom/ub-brom.h"

#include "base/ub-error.h"
#include "brom/ub-brom-identify.h"
#include "brom/ub-brom-wire.h"

/* a phone that was never silent for so many bytes does not listen */
#define BABBLE_LIMIT (256 * 1024)
/* all attempts together, however much it has to say: a boot ROM that gets no command restarts after ten seconds */
#define PATIENCE_US (7 * (gint64) G_USEC_PER_SEC)
/* once it answers there is no hurry: a preloader that waited so long has begun anew itself */
#define ANSWER_MS 250
/* after an answer that was none, before all begins anew: short, for a preloader counts its 300 ms */
#define BREAK_MS 50
/* after an odd greeting: what else was under way */
#define REST_MS 20

/* what one attempt came to */
typedef enum
{
  ATTEMPT_DONE,
  ATTEMPT_AGAIN,
  ATTEMPT_ERROR, /* the link is gone */
} Attempt;

typedef struct
{
  UbLink      *link;
  UbBromSigns *signs;
  guint64      bytes;      /* of whatever kind */
  guint        n_calls;    /* A0 sent */
  guint        n_answered; /* A0 answered */
  gboolean     echoed;     /* in this attempt A0 came back as A0 */
  gboolean     odd;
} Handshake;

static Attempt
fail_or_again (GError *error, GError **propagated)
{
  if (g_error_matches (error, UB_ERROR, UB_ERROR_LINK_TIMEOUT))
    {
      g_error_free (error);
      return ATTEMPT_AGAIN;
    }
  g_propagate_error (propagated, error);
  return ATTEMPT_ERROR;
}

/* Is this byte to be passed over while the answer to byte @i is awaited? READY may come at any time,
 * in any pieces; a slow phone's answer to an A0 we sent before it woke up comes late. Before the
 * first right answer anything may, for there are others' bytes in front of it */
static gboolean
may_pass (Handshake *self, gsize i, guint8 byte)
{
  const guint8 answer = (guint8) ~ub_brom_messages_handshake[0];

  if (ub_brom_wire_is_ready (byte))
    return TRUE;
  if (byte == ub_brom_messages_handshake[i])
    {
      self->echoed = self->odd = TRUE;
      return TRUE;
    }
  if (i > 0 && byte == answer && self->n_answered < self->n_calls)
    {
      self->n_answered++;
      return TRUE;
    }
  self->signs->strays++;
  self->odd = TRUE;
  return i == 0;
}

static Attempt
wait_for_answer (Handshake *self, gsize i, guint wait_ms, GError **error)
{
  const guint8 expected = (guint8) ~ub_brom_messages_handshake[i];
  const gint64 deadline = ub_link_now (self->link) + (gint64) wait_ms * 1000;

  while (self->bytes < BABBLE_LIMIT)
    {
      GError *local = NULL;
      guint8  byte = 0;
      gint64  left_ms = (deadline - ub_link_now (self->link) + 999) / 1000;

      if (left_ms <= 0)
        return ATTEMPT_AGAIN;
      if (ub_link_receive_some (self->link, &byte, 1, (guint) left_ms, &local) < 0)
        return fail_or_again (local, error);
      self->bytes++;
      if (byte == expected)
        {
          self->n_answered += i == 0;
          self->signs->answered = TRUE;
          return ATTEMPT_DONE;
        }
      if (!may_pass (self, i, byte))
        return ATTEMPT_AGAIN;
    }
  return ATTEMPT_AGAIN;
}

/* an answer still on its way would be taken for the next attempt's */
static void
hush (Handshake *self, guint quiet_ms)
{
  guint n = ub_brom_wire_hush (self->link, quiet_ms);

  self->bytes += n;
  self->signs->strays += n;
}

static Attempt
attempt_handshake (Handshake *self, guint wait_ms, GError **error)
{
  self->echoed = FALSE;
  for (gsize i = 0; i < UB_BROM_HANDSHAKE_SIZE; i++)
    {
      GError *local = NULL;
      Attempt attempt;

      if (!ub_link_send (self->link, &ub_brom_messages_handshake[i], 1, wait_ms, &local))
        return fail_or_again (local, error);
      self->n_calls += i == 0;
      attempt = wait_for_answer (self, i, i == 0 ? wait_ms : MAX (wait_ms, ANSWER_MS), error);
      if (attempt == ATTEMPT_DONE)
        continue;
      if (attempt == ATTEMPT_AGAIN && i > 0)
        {
          self->odd = TRUE;
          self->signs->retries++;
          hush (self, BREAK_MS);
        }
      return attempt;
    }
  return ATTEMPT_DONE;
}

/* a phone whose handshake was done before us is in its command loop, where A0 is an unknown command
 * and echoed: a known command tells */
static gboolean
is_in_command_loop (Handshake *self)
{
  UbBromHwCode answer;

  hush (self, REST_MS);
  if (!ub_brom_identify_ask_chip (self->link, &answer, UB_BROM_OPTIONAL_TIMEOUT_MS, NULL))
    return FALSE;
  self->signs->answered = TRUE;
  return answer.status < UB_BROM_STATUS_ERROR && answer.hw_code != 0;
}

static gboolean
report_failure (Handshake *self, GError **error)
{
  if (self->bytes == 0)
    g_set_error_literal (error,
                         UB_ERROR,
                         UB_ERROR_LINK_TIMEOUT,
                         "handshake: the phone does not answer");
  else
    g_set_error (error,
                 UB_ERROR,
                 UB_ERROR_PROTOCOL,
                 "handshake: %" G_GUINT64_FORMAT " bytes came, none of them the answer",
                 self->bytes);
  return FALSE;
}

gboolean
ub_brom_handshake (UbLink *link, GCancellable *cancellable, GError **error)
{
  /* a preloader eats the first A0 and wants the rest within 300 ms: so the second comes soon, and the third
   * does not disturb one that is a little slow. Later slower, for a phone (or a hub) that is. About five seconds in all */
  static const guint waits_ms[] = { 50,  150, 50,  150, 100, 300, 100, 300,
                                    500, 500, 500, 500, 500, 500, 500 };
  const gint64       deadline = ub_link_now (link) + PATIENCE_US;
  Handshake          self = { .link = link, .signs = ub_brom_wire_signs (link) };

  for (gsize i = 0;
       i < G_N_ELEMENTS (waits_ms) && self.bytes < BABBLE_LIMIT && ub_link_now (link) < deadline;
       i++)
    {
      Attempt attempt;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      attempt = attempt_handshake (&self, waits_ms[i], error);
      if (attempt == ATTEMPT_ERROR)
        return FALSE;
      if (attempt != ATTEMPT_DONE && (!self.echoed || !is_in_command_loop (&self)))
        continue;
      if (self.odd)
        hush (&self, REST_MS);
      return TRUE;
    }
  return report_failure (&self, error);
}
