/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "da/ub-da-frame.h"
#include "da/ub-da-xml-messages.h"
#include "da/ub-da-xml.h"

G_BEGIN_DECLS

/* what every agent seen asks for (shared/protocol/xflash-and-xml.md §4.4.1) */
#define UB_DA_XML_PACKET 0x200000
/* longest silences (§4.12) */
#define UB_DA_XML_TIMEOUT_MS 10000
#define UB_DA_XML_START_TIMEOUT_MS 10000
#define UB_DA_XML_DATA_TIMEOUT_MS 60000
#define UB_DA_XML_ERASE_TIMEOUT_MS 300000

/* where in its loop the agent is (§4.2) */
typedef enum
{
  UB_DA_XML_READY,        /* START was answered: it waits for a command */
  UB_DA_XML_BEFORE_START, /* its next word is START */
  UB_DA_XML_IN_DOUBT,     /* as before; but after an error some are gone for good */
  UB_DA_XML_BROKEN,       /* nobody knows: the conversation broke off */
} UbDaXmlPlace;

struct _UbDaXml
{
  UbDa parent_instance;

  UbDaXmlPlace place;
  GError      *broken_by;    /* (nullable): what broke the conversation off */
  GByteArray  *text;         /* what the agent said last, with a NUL behind it */
  guint8      *buffer;       /* (nullable): room for one packet that it sends */
  char         message[256]; /* of its last END: agents repeat it, see ub_da_xml_run() */
  int          battery_mv;   /* -1: not told */
};

/**
 * UbDaXmlJob:
 *
 * One command: what the agent may ask of us while it carries it out, and what came of it. What is
 * zero is not there, and the agent is told so.
 */
typedef struct
{
  const char   *what;       /* for messages */
  int           code;       /* the error where the agent's words say nothing */
  guint         timeout_ms; /* longest silence; 0: UB_DA_XML_TIMEOUT_MS */
  UbDaProgress  progress;   /* (nullable) */
  gpointer      user_data;
  guint64       before; /* added to what @progress is told, and counted in @total */
  guint64       total;
  guint64       amount;      /* without data: what the agent tells percents of */
  GCancellable *cancellable; /* heard between packets */
  GCancellable *abort;       /* heard also while the agent is silent; it is of no use afterwards */

  /* what it may fetch */
  const char *source_file; /* our name of it */
  guint64     source_size;
  UbDaSource  source;
  gpointer    source_data;
  UbDaPacket  held; /* of @source, not sent yet */

  /* what it may bring: data of exactly @target_size bytes for a sink, or a document */
  const char *target_file;
  guint64     target_size;
  UbDaSink    sink;
  gpointer    sink_data;
  GByteArray *document;

  /* what came of it */
  gboolean      sent;      /* the command has left us */
  guint64       done;      /* bytes of the source that were taken */
  gboolean      damaged;   /* the packet in @held did not arrive as it left */
  gboolean      served;    /* all of the source, or of the target */
  gboolean      in_packet; /* a packet has left us, and it has not said anything to it */
  gboolean      refused;   /* one of us has said no: END is next */
  GError       *own;       /* (nullable): what we broke it off for */
  guint64       told;
  UbDaXmlResult result;
} UbDaXmlJob;

void ub_da_xml_job_clear (UbDaXmlJob *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (UbDaXmlJob, ub_da_xml_job_clear)

/* --- ub-da-xml-dialogue.c --- */

/* takes the next packet from the source, unless one is held from before. Errors: the source's; CANCELLED */
gboolean ub_da_xml_job_hold (UbDaXmlJob *job, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* waits for START and answers it, whatever was before. Errors: the link's; PROTOCOL; CANCELLED */
gboolean ub_da_xml_await_start (UbDaXml      *self,
                                guint         timeout_ms,
                                GCancellable *cancellable,
                                GError      **error) G_GNUC_WARN_UNUSED_RESULT;
/**
 * ub_da_xml_run:
 *
 * One command from the agent's START to its END: serves its requests in whatever order they come (§4.4).
 * Judges by the result alone, for agents go on repeating the message of an earlier error. Errors: the
 * link's; PROTOCOL; UNSUPPORTED: the agent does not know the command; what ub_da_xml_messages_error()
 * makes of its words; errors of source and sink; CANCELLED.
 */
gboolean ub_da_xml_run (UbDaXml *self, UbDaXmlJob *job, const char *command, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* a command that brings a document. (transfer full): its text, of @size bytes */
GBytes *ub_da_xml_fetch (UbDaXml *self, const char *what, const char *command, GError **error);
/* the name we give to data of @size bytes, for the agent to ask for. (transfer full) */
char *ub_da_xml_name_data (guint64 size);
/* the name of a document's place, for arguments of commands */
const char *ub_da_xml_document_name (void);

/* --- ub-da-xml-start.c --- */

/**
 * ub_da_xml_start_after_jump:
 *
 * The conversation from DA1's first START to DA2's report: what JUMP_DA begins. A function of its own because a
 * recorded conversation of a genuine agent begins there. @progress goes on from @setup->da1's size. Errors as ub_da_start().
 */
gboolean ub_da_xml_start_after_jump (UbDaXml         *self,
                                     const UbDaSetup *setup,
                                     UbDaReport      *report,
                                     UbDaProgress     progress,
                                     gpointer         user_data,
                                     GCancellable    *cancellable,
                                     GError         **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
