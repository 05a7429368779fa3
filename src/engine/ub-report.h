/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/ub-plan.h"

G_BEGIN_DECLS

typedef enum
{
  UB_RESULT_DONE,
  UB_RESULT_FAILED,
  UB_RESULT_CANCELLED,
} UbResult;

#define UB_TYPE_REPORT (ub_report_get_type ())
G_DECLARE_FINAL_TYPE (UbReport, ub_report, UB, REPORT, GObject)

/**
 * UbReport:
 *
 * What was planned and what came of it. Immutable; a JSON file.
 */
UbReport     *ub_report_new (UbResult      result,
                             UbPlan       *plan,
                             UbPhoneInfo  *phone,
                             const GError *error,
                             int           state,
                             guint         n_steps_done,
                             guint64       bytes,
                             gint64        duration_us,
                             const char   *failed_partition,
                             const char   *trace);
UbResult      ub_report_get_result (UbReport *self);
const GError *ub_report_get_error (UbReport *self);            /* (nullable) */
int           ub_report_get_state (UbReport *self);            /* UbSessionState it ended in */
const char   *ub_report_get_failed_partition (UbReport *self); /* (nullable) */
UbPhoneInfo  *ub_report_get_phone (UbReport *self);            /* (nullable) */
UbPlan       *ub_report_get_plan (UbReport *self);             /* (nullable) */
guint         ub_report_get_n_steps_done (UbReport *self);
guint64       ub_report_get_bytes (UbReport *self);
gint64        ub_report_get_duration (UbReport *self); /* µs */
gboolean ub_report_was_written (UbReport *self); /* did any write command leave us, in this job? */
/* what else is worth keeping; each may be set once, before the report is handed out */
void ub_report_set_written (UbReport *self,
                            gboolean  written); /* else it is guessed from what was done */
/* what the phone did afterwards: ub_aftermath_to_string(); the only thing that may be set later */
void        ub_report_set_after (UbReport *self, const char *after);
const char *ub_report_get_after (UbReport *self);                  /* (nullable): nobody watched */
void        ub_report_set_n_drops (UbReport *self, guint n_drops); /* how often the cable dropped */
guint       ub_report_get_n_drops (UbReport *self);
/* the phone @trace is of, as far as it told who it is: another one may have come than the one the report is of */
void ub_report_set_last_phone (UbReport *self, UbPhoneInfo *phone);
void ub_report_set_copy (UbReport *self, const char *folder); /* the safety copy, or the readback */
const char *ub_report_get_copy (UbReport *self);              /* (nullable) */
void ub_report_set_can_go_on (UbReport *self, const char *journal); /* a journal is left: path */
const char *ub_report_get_can_go_on (UbReport *self);               /* (nullable) */
void        ub_report_take_findings (
           UbReport *self,
           GStrv     findings); /* translated lines: memory test, what repair found, drops survived */
const char *const *ub_report_get_findings (UbReport *self); /* never NULL */
char              *ub_report_to_json (UbReport *self); /* (transfer full); ids masked, for people */
/* (transfer full): what ub_report_save() wrote, for people: the file itself keeps paths that open again */
char    *ub_report_dup_sendable (const char *json);
gboolean ub_report_save (UbReport *self, const char *folder, char **path, GError **error);

G_END_DECLS
