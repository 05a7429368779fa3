/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "brom/ub-brom-messages.h"

#include "wire/ub-reader.h"

const guint8 ub_brom_messages_handshake[UB_BROM_HANDSHAKE_SIZE] = { 0xa0, 0x0a, 0x50, 0x05 };

typedef struct
{
  guint16     status;
  const char *name;
} StatusName;

/* shared/protocol/brom-and-legacy.md §2.10 */
static const StatusName status_names[] = {
  { 0x0000, "ok" },
  { 0x1000, "read region check failed" },
  { 0x1001, "write region check failed" },
  { 0x1002, "crypto mode invalid" },
  { 0x1003, "crypto key invalid" },
  { 0x1004, "crypto data unaligned" },
  { 0x1005, "crypto seek length error" },
  { 0x1d00, "address from 80000000 on not allowed" },
  { 0x1d01, "address from 40000000 on not allowed" },
  { 0x1d02, "invalid address" },
  { 0x1d0c, "authentication not needed" },
  { 0x1d0d, "serial link authentication required" },
  { 0x1d0e, "agent blocks overlap" },
  { 0x1d0f, "jump address invalid" },
  { 0x1d10, "too many agent blocks" },
  { 0x1d11, "agent address not aligned" },
  { 0x1d12, "agent address or length invalid" },
  { 0x1d13, "agent length zero" },
  { 0x1d14, "signature longer than the agent" },
  { 0x1d15, "agent without signature" },
  { 0x1d16, "no such agent" },
  { 0x1d17, "agent does not match the authentication file" },
  { 0x1d1d, "baud rate too high" },
  { 0x1d21, "agent version not supported" },
  { 0x2000, "authentication file verification failed" },
  { 0x2001, "agent signature verification failed" },
  { 0x2002, "no memory for agent verification" },
  { 0x2003, "agent key initialisation failed" },
  { 0x2004, "image key initialisation failed" },
  { 0x2005, "hash failed" },
  { 0x2006, "relocation size not enough" },
  { 0x3000, "security configuration absent" },
  { 0x3001, "security configuration version invalid" },
  { 0x3005, "security configuration status invalid" },
  { 0x4000, "image information absent" },
  { 0x4001, "image hash mismatch" },
  { 0x4008, "image signature fail" },
  { 0x5000, "lock table absent" },
  { 0x5001, "all locked" },
  { 0x5a5b, "agent is black-listed" },
  { 0x6000, "secure boot key missing" },
  { 0x6001, "boot rom security configuration missing" },
  { 0x6002, "public key not initialised" },
  { 0x6003, "SHA-256 error" },
  { 0x6004, "PSS check failed" },
  { 0x6005, "signature check failed" },
  { 0x7000, "protected region included" },
  { 0x7001, "protected region overlapped" },
  { 0x7002, "protected region overflow" },
  { 0x7003, "agent location invalid" },
  { 0x7004, "agent length invalid" },
  { 0x7015, "agent authentication: signature error" },
  { 0x7017, "agent authentication: security error" },
  { 0x7024, "agent authentication: signature verify failed" },
  { 0x8000, "signature size invalid" },
  { 0x8001, "padding size invalid" },
  { 0xa002, "anti-rollback: version too old" },
  { 0xfffd, "overflow" },
  { 0xfffe, "zero length" },
  { 0xffff, "address not aligned" },
};

UbBromHwCode
ub_brom_messages_parse_hw_code (const guint8 *data)
{
  UbReader     reader = UB_READER_INIT (data, UB_BROM_HW_CODE_SIZE);
  UbBromHwCode answer;

  answer.hw_code = ub_reader_u16_be (&reader);
  answer.status = ub_reader_u16_be (&reader);
  return answer;
}

UbBromVersions
ub_brom_messages_parse_versions (const guint8 *data)
{
  UbReader       reader = UB_READER_INIT (data, UB_BROM_VERSIONS_SIZE);
  UbBromVersions answer;

  answer.hw_sub_code = ub_reader_u16_be (&reader);
  answer.hw_version = ub_reader_u16_be (&reader);
  answer.sw_version = ub_reader_u16_be (&reader);
  answer.status = ub_reader_u16_be (&reader);
  return answer;
}

UbBromTarget
ub_brom_messages_parse_target (const guint8 *data)
{
  UbReader     reader = UB_READER_INIT (data, UB_BROM_TARGET_SIZE);
  UbBromTarget answer;

  answer.config = ub_reader_u32_be (&reader);
  answer.status = ub_reader_u16_be (&reader);
  return answer;
}

UbBromUpload
ub_brom_messages_parse_upload (const guint8 *data)
{
  UbReader     reader = UB_READER_INIT (data, UB_BROM_UPLOAD_SIZE);
  UbBromUpload answer;

  answer.checksum = ub_reader_u16_be (&reader);
  answer.status = ub_reader_u16_be (&reader);
  return answer;
}

const char *
ub_brom_messages_status_name (guint16 status)
{
  for (gsize i = 0; i < G_N_ELEMENTS (status_names); i++)
    if (status_names[i].status == status)
      return status_names[i].name;
  return NULL;
}

gboolean
ub_brom_messages_status_needs_auth (guint16 status)
{
  static const guint16 auth[] = { 0x1d0d, 0x1d15, 0x1d17, 0x2000, 0x2001,
                                  0x6005, 0x7015, 0x7017, 0x7024 };

  for (gsize i = 0; i < G_N_ELEMENTS (auth); i++)
    if (auth[i] == status)
      return TRUE;
  return FALSE;
}
