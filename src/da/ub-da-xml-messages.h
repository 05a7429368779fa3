/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/ub-layout.h"
#include "da/ub-da.h"

G_BEGIN_DECLS

/* the texts of XML agents (shared/protocol/xflash-and-xml.md §4): what we say is built, what they say
 * is taken apart, here. Pure functions; whatever a phone says ends as a bounded value or an error */

/* longest text an agent is believed to send; its own buffer is as long (§4.1) */
#define UB_DA_XML_MESSAGES_LIMIT 0x80000

/* --- what we say --- */

/* "CMD:@name" with pairs of argument and value, NULL at the end. Values are escaped. (transfer full) */
char *ub_da_xml_messages_command (const char *name, ...) G_GNUC_NULL_TERMINATED;
/* SET-RUNTIME-PARAMETER, version 1.1 with its second block or 1.0 without. (transfer full) */
char *ub_da_xml_messages_runtime (UbDaBattery battery, gboolean with_second_block);
/* name of a hardware area; NULL if it has none (§4.9) */
const char *ub_da_xml_messages_section (UbRegion region);

/* --- what an agent says in one word --- */

typedef enum
{
  UB_DA_XML_WORD_OK,          /* "OK", "OK@0x10" */
  UB_DA_XML_WORD_PROGRESS,    /* "OK!PROGRESS@40@text" */
  UB_DA_XML_WORD_EOT,         /* "OK!EOT" */
  UB_DA_XML_WORD_UNSUPPORTED, /* "ERR!UNSUPPORTED" */
  UB_DA_XML_WORD_ERROR,       /* "ERR", and whatever else is no document */
  UB_DA_XML_WORD_DOCUMENT,    /* it begins with '<' */
} UbDaXmlWordKind;

typedef struct
{
  UbDaXmlWordKind kind;
  gboolean        has_value;
  guint64         value; /* behind the '@'; of PROGRESS: percent, at most 100 */
} UbDaXmlWord;

/* @text: up to its NUL or @size. Without GMarkup, for this is what data flow between */
void ub_da_xml_messages_parse_word (const char *text, gsize size, UbDaXmlWord *word);
/* "0x1f4", "500"; spaces around it are allowed, signs are not. FALSE if it is none or does not fit */
gboolean ub_da_xml_messages_parse_number (const char *text, guint64 *value);

/* --- what an agent wants of us --- */

typedef enum
{
  UB_DA_XML_START,
  UB_DA_XML_END,
  UB_DA_XML_DOWNLOAD_FILE, /* it wants data */
  UB_DA_XML_UPLOAD_FILE,   /* it has data */
  UB_DA_XML_PROGRESS_REPORT,
  UB_DA_XML_FILE_SYS_OPERATION,
  UB_DA_XML_UNKNOWN,
} UbDaXmlRequestKind;

typedef enum
{
  UB_DA_XML_RESULT_OK,
  UB_DA_XML_RESULT_UNSUPPORTED,
  UB_DA_XML_RESULT_ERROR,
} UbDaXmlResult;

typedef struct
{
  UbDaXmlRequestKind kind;
  char               command[64];
  UbDaXmlResult      result;        /* END */
  char               message[256];  /* printable ASCII, in one line */
  char               key[32];       /* FILE_SYS_OPERATION */
  char               file[512];     /* source_file, target_file or file_path */
  guint32            packet_length; /* 0: none, or one that makes no sense */
} UbDaXmlRequest;

/* Errors: PROTOCOL */
gboolean ub_da_xml_messages_parse_request (const char     *text,
                                           gsize           size,
                                           UbDaXmlRequest *request,
                                           GError        **error) G_GNUC_WARN_UNUSED_RESULT;
/* which error an END's message means; @code for one that says nothing we know (§4.11) */
int ub_da_xml_messages_error (const char *message, int code);
/* is it about data that were damaged on their way? */
gboolean ub_da_xml_messages_is_checksum (const char *message);

/* --- documents --- */

typedef struct
{
  UbStorage storage; /* UNKNOWN: none was found */
  guint64   ram_size;
  guint64   battery_mv; /* 0: not told */
  guint8    random_id[16];
  guint64   block_size;
  guint64  boot1_size, boot2_size, rpmb_size, gp_size[4], user_size; /* bytes; UFS: LU 0, 1 and 2 */
  char     id[64];        /* eMMC: CID as hex digits; UFS: what it calls itself */
  char     identity[256]; /* all it tells of vendor, product and serial number */
  gboolean has_serial;
} UbDaXmlHardware;

/* da_hw_info (§4.7). Errors: PROTOCOL */
gboolean ub_da_xml_messages_parse_hardware (const char      *text,
                                            gsize            size,
                                            UbDaXmlHardware *hardware,
                                            GError         **error) G_GNUC_WARN_UNUSED_RESULT;
/* a CID's hex digits: words with their bytes turned round, into transmission order */
gboolean ub_da_xml_messages_parse_cid (const char *id, guint8 cid[16]);
/* partition_table; its parts lie in @region. (transfer full); NULL: PROTOCOL */
UbLayout *ub_da_xml_messages_parse_table (const char *text,
                                          gsize       size,
                                          UbRegion    region,
                                          GError    **error);
/* sys_prop: the item @key; (transfer full) (nullable): PROTOCOL, or without an error if there is no such item */
char *ub_da_xml_messages_parse_property (const char *text,
                                         gsize       size,
                                         const char *key,
                                         GError    **error);
/* da_info in one line; "" if there is nothing in it. (transfer full) */
char *ub_da_xml_messages_parse_agent (const char *text, gsize size);
/* the challenge of a login: 16 bytes. Errors: PROTOCOL */
gboolean ub_da_xml_messages_parse_challenge (const char *text,
                                             gsize       size,
                                             guint8      challenge[16],
                                             GError    **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
