/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "phone/ub-phone-frame.h"
#include "phone/ub-phone-xml-reader.h"

G_BEGIN_DECLS

/* what the files of the XML agent share (shared/protocol/xflash-and-xml.md §4, genuine-agents.md §5.2) */

/* what a command does next */
typedef void (*UbPhoneXmlStep) (UbPracticePhone *self);
/* work on the storage; FALSE: it failed, and xml->error says how */
typedef gboolean (*UbPhoneXmlWork) (UbPracticePhone *self);

/* the sum of one packet: little-endian words, then what is left as single bytes */
typedef struct
{
  guint32 words;
  guint8  rest[4];
  guint   n_rest;
} UbPhoneXmlSum;

struct _UbPhoneXml
{
  GBytes  *da1;
  gboolean marked; /* a practice DA1, knows its DA2's digest */
  gboolean from_brom;
  gboolean in_da2;
  gboolean dram;          /* is initialised */
  gboolean authenticated; /* the maker logged in */
  guint8   challenge[16];
  guint    n_challenges;
  /* SET-RUNTIME-PARAMETER */
  gboolean sum_usb, log_usb, linux_host, initialize_dram;

  UbPhoneXmlReader *command;  /* (nullable): under way */
  char             *message;  /* END's; outlives its command */
  char             *error;    /* (nullable): why the command under way fails */
  UbPhoneXmlStep    deferred; /* (nullable): after END's acknowledge */
  gboolean          failed;   /* END said ERR */
  gboolean          counts;   /* the command under way is one for the feedback */
  GString          *feedback; /* items of GET-DOWNLOADED-IMAGE-FEEDBACK */

  /* requests to the host, ub-phone-xml-talk.c */
  UbPhoneXmlStep next;
  UbPhoneXmlWork work;
  gboolean       worked;
  char          *value;    /* (nullable): what the host said after '@' */
  GBytes        *document; /* (nullable): to upload; NULL: from the storage */
  GByteArray    *file;     /* what was downloaded, unless @writer takes it */
  UbPhoneWriter *writer;   /* (nullable) */
  guint64        at, left; /* of a transfer */
  guint32        told;     /* sum the host told of a packet */
  guint32        told_all; /* of an image */
  UbPhoneXmlSum  sum;      /* of the packet */

  /* the command's range */
  char    *name, *source; /* (nullable): section or part; file of the host */
  UbFlash *flash;
  guint64  start, size, room;
  guint    erased; /* sections of ERASE-FLASH ALL so far */
};

/* --- ub-phone-xml.c --- */
/* the command is over: OK, or ERR with @xml->error */
void ub_phone_xml_end (UbPracticePhone *self);
/* ERR, and why */
void ub_phone_xml_fail (UbPracticePhone *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* text of "da/arg/@name"; NULL: there is none, and the command has ended */
const char *ub_phone_xml_get_argument (UbPracticePhone *self, const char *name);
/* as the agents read numbers: 0x…, or decimal */
guint64 ub_phone_xml_parse_number (const char *text);

/* another login's challenge */
void ub_phone_xml_challenge (UbPracticePhone *self);

/* --- ub-phone-xml-talk.c: requests to the host. Whatever it refuses ends the command --- */
void ub_phone_xml_talk_say (UbPracticePhone *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* FILE-SYS-OPERATION; @next finds the answer in xml->value */
void ub_phone_xml_talk_ask (UbPracticePhone *self,
                            const char      *key,
                            const char      *path,
                            UbPhoneXmlStep   next);
/* PROGRESS-REPORT around @work (nullable); @next finds in xml->worked how it went */
void ub_phone_xml_talk_progress (UbPracticePhone *self,
                                 const char      *message,
                                 UbPhoneXmlWork   work,
                                 UbPhoneXmlStep   next);
/* UPLOAD-FILE of @document (transfer full) to the command's target_file */
void ub_phone_xml_talk_upload (UbPracticePhone *self,
                               const char      *info,
                               GBytes          *document,
                               UbPhoneXmlStep   next);
/* UPLOAD-FILE of the command's range */
void ub_phone_xml_talk_upload_range (UbPracticePhone *self, UbPhoneXmlStep next);
/* DOWNLOAD-FILE of @source. @begin is asked when xml->left is its length, and may set xml->writer */
void ub_phone_xml_talk_download (UbPracticePhone *self,
                                 const char      *info,
                                 const char      *source,
                                 UbPhoneXmlWork   begin,
                                 UbPhoneXmlStep   next);

/* --- ub-phone-xml-commands.c --- */
typedef struct
{
  const char    *name;
  guint8         op;     /* the legacy command that does the same, for mischiefs; 0: none */
  guint          stages; /* 1: DA1, 2: DA2 */
  gboolean       gated;  /* wants the login, if there is one */
  gboolean       keeps;  /* leaves END's old message where it is */
  UbPhoneXmlStep run;
} UbPhoneXmlCommand;

/* NULL: this stage of this agent has none of that name */
const UbPhoneXmlCommand *ub_phone_xml_commands_find (UbPracticePhone *self, const char *name);

/* --- ub-phone-xml-storage.c --- */
void ub_phone_xml_storage_read_table (UbPracticePhone *self);
void ub_phone_xml_storage_read_partition (UbPracticePhone *self);
void ub_phone_xml_storage_read_flash (UbPracticePhone *self);
void ub_phone_xml_storage_write_partition (UbPracticePhone *self);
void ub_phone_xml_storage_write_flash (UbPracticePhone *self);
void ub_phone_xml_storage_erase_partition (UbPracticePhone *self);
void ub_phone_xml_storage_erase_flash (UbPracticePhone *self);

G_END_DECLS
