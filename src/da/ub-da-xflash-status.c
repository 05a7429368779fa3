/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "da/ub-da-xflash-status.h"

#include "base/ub-error.h"

#define FALLBACK (-1)
/* upper half of what the phone's policy says */
#define SECURITY 0xc002u

/* shared/protocol/xflash-and-xml.md §3.24: official names, in plain words where none is known. Codes that only the maker's own
 * host library makes are left out */
static const struct
{
  guint32     status;
  const char *name;
  int         error;
} statuses[] = {
  { 0x00000000, "SUCCESS", FALLBACK },
  { 0x40040001, "STATUS_SPARSE_INCOMPLETE", FALLBACK },
  { 0x40040002, "STATUS_OTP_LOCKED", FALLBACK },
  { 0x40040003, "STATUS_OTP_UNLOCKED", FALLBACK },
  { 0x40040004, "continue", FALLBACK },
  { 0x40040005, "complete", FALLBACK },
  { 0xc0010001, "STATUS_ERR", FALLBACK },
  { 0xc0010002, "STATUS_ABORT", FALLBACK },
  { 0xc0010003, "STATUS_UNSUPPORT_CMD", UB_ERROR_UNSUPPORTED },
  { 0xc0010004, "STATUS_UNSUPPORT_CTRL_CODE", UB_ERROR_UNSUPPORTED },
  { 0xc0010005, "STATUS_PROTOCOL_ERR", UB_ERROR_PROTOCOL },
  { 0xc0010006, "STATUS_PROTOCOL_BUFFER_OVERFLOW", UB_ERROR_PROTOCOL },
  { 0xc0010007, "STATUS_INSUFFICIENT_BUFFER", UB_ERROR_PROTOCOL },
  { 0xc001000b, "STATUS_INVALID_STAGE", UB_ERROR_PROTOCOL },
  { 0xc001000c, "STATUS_NOT_IMPLEMENTED", UB_ERROR_UNSUPPORTED },
  { 0xc0020001, "STATUS_SEC_ROM_INFO_NOT_FOUND", UB_ERROR_REFUSED },
  { 0xc0020002, "STATUS_SEC_CUST_NAME_NOT_FOUND", UB_ERROR_REFUSED },
  { 0xc0020003, "STATUS_SEC_ROM_INFO_DEVICE_NOT_SUPPORTED", UB_ERROR_REFUSED },
  { 0xc0020004, "STATUS_SEC_DL_FORBIDDEN", UB_ERROR_REFUSED },
  { 0xc0020005, "STATUS_SEC_IMG_TOO_LARGE", UB_ERROR_REFUSED },
  { 0xc0020006, "STATUS_SEC_PL_VFY_FAIL", UB_ERROR_REFUSED },
  { 0xc0020007, "STATUS_SEC_IMG_VFY_FAIL", UB_ERROR_REFUSED },
  { 0xc0020008, "STATUS_SEC_HASH_OP_FAIL", UB_ERROR_REFUSED },
  { 0xc0020009, "STATUS_SEC_HASH_BINDING_CHK_FAIL", UB_ERROR_REFUSED },
  { 0xc002000a, "STATUS_SEC_INVALID_BUF", UB_ERROR_REFUSED },
  { 0xc002000b, "STATUS_SEC_BINDING_HASH_NOT_AVAIL", UB_ERROR_REFUSED },
  { 0xc002000c, "STATUS_SEC_WRITE_DATA_NOT_ALLOWED", UB_ERROR_REFUSED },
  { 0xc002000d, "STATUS_SEC_FORMAT_NOT_ALLOWED", UB_ERROR_REFUSED },
  { 0xc002000e, "STATUS_SEC_SV5_PUBK_AUTH_FAIL", UB_ERROR_REFUSED },
  { 0xc002000f, "STATUS_SEC_SV5_HASH_VFY_FAIL", UB_ERROR_REFUSED },
  { 0xc0020010, "STATUS_SEC_SV5_RSA_OP_FAIL", UB_ERROR_REFUSED },
  { 0xc0020011, "STATUS_SEC_SV5_RSA_VFY_FAIL", UB_ERROR_REFUSED },
  { 0xc0020012, "STATUS_SEC_SV5_GFH_NOT_FOUND", UB_ERROR_REFUSED },
  { 0xc0020013, "STATUS_SEC_NOT_VALID_CERT1", UB_ERROR_REFUSED },
  { 0xc0020014, "STATUS_SEC_NOT_VALID_CERT2", UB_ERROR_REFUSED },
  { 0xc0020015, "STATUS_SEC_NOT_VALID_IMGHDR", UB_ERROR_REFUSED },
  { 0xc0020016, "STATUS_SEC_SIG_SZ_NOT_VALID", UB_ERROR_REFUSED },
  { 0xc0020017, "STATUS_SEC_PSS_OP_FAIL", UB_ERROR_REFUSED },
  { 0xc0020018, "STATUS_SEC_CERT_AUTH_FAIL", UB_ERROR_REFUSED },
  { 0xc0020019, "STATUS_SEC_PUBK_AUTH_MISMATCH_N_SIZE", UB_ERROR_REFUSED },
  { 0xc002001a, "STATUS_SEC_PUBK_AUTH_MISMATCH_E_SIZE", UB_ERROR_REFUSED },
  { 0xc002001b, "STATUS_SEC_PUBK_AUTH_MISMATCH_N", UB_ERROR_REFUSED },
  { 0xc002001c, "STATUS_SEC_PUBK_AUTH_MISMATCH_E", UB_ERROR_REFUSED },
  { 0xc002001d, "STATUS_SEC_PUBK_AUTH_MISMATCH_HASH", UB_ERROR_REFUSED },
  { 0xc002001e, "STATUS_SEC_CERT_OBJ_NOT_FOUND", UB_ERROR_REFUSED },
  { 0xc002001f, "STATUS_SEC_CERT_OID_NOT_FOUND", UB_ERROR_REFUSED },
  { 0xc0020020, "STATUS_SEC_CERT_OUT_OF_RANGE", UB_ERROR_REFUSED },
  { 0xc0020021, "STATUS_SEC_OID_NOT_MATCH", UB_ERROR_REFUSED },
  { 0xc0020022, "STATUS_SEC_LEN_NOT_MATCH", UB_ERROR_REFUSED },
  { 0xc0020023, "STATUS_SEC_ASN1_UNKNOWN_OP", UB_ERROR_REFUSED },
  { 0xc0020024, "STATUS_SEC_OID_IDX_OUT_OF_RANGE", UB_ERROR_REFUSED },
  { 0xc0020025, "STATUS_SEC_OID_TOO_LARGE", UB_ERROR_REFUSED },
  { 0xc0020026, "STATUS_SEC_PUBK_SZ_MISMATCH", UB_ERROR_REFUSED },
  { 0xc0020027, "STATUS_SEC_SWID_MISMATCH", UB_ERROR_REFUSED },
  { 0xc0020028, "STATUS_SEC_HASH_SZ_MISMATCH", UB_ERROR_REFUSED },
  { 0xc0020029, "STATUS_SEC_IMGHDR_TYPE_MISMATCH", UB_ERROR_REFUSED },
  { 0xc002002a, "STATUS_SEC_IMG_TYPE_MISMATCH", UB_ERROR_REFUSED },
  { 0xc002002b, "STATUS_SEC_IMGHDR_HASH_VFY_FAIL", UB_ERROR_REFUSED },
  { 0xc002002c, "STATUS_SEC_IMG_HASH_VFY_FAIL", UB_ERROR_REFUSED },
  { 0xc002002d, "STATUS_SEC_VIOLATE_ANTI_ROLLBACK", UB_ERROR_REFUSED },
  { 0xc002002e, "STATUS_SEC_SECCFG_NOT_FOUND", UB_ERROR_REFUSED },
  { 0xc002002f, "STATUS_SEC_SECCFG_MAGIC_INCORRECT", UB_ERROR_REFUSED },
  { 0xc0020030, "STATUS_SEC_SECCFG_NOT_VALID", UB_ERROR_REFUSED },
  { 0xc0020031, "STATUS_SEC_CIPHER_MODE_INVALID", UB_ERROR_REFUSED },
  { 0xc0020032, "STATUS_SEC_CIPHER_KEY_INVALID", UB_ERROR_REFUSED },
  { 0xc0020033, "STATUS_SEC_CIPHER_DATA_UNALIGNED", UB_ERROR_REFUSED },
  { 0xc0020034, "STATUS_SEC_GFH_FILE_INFO_NOT_FOUND", UB_ERROR_REFUSED },
  { 0xc0020035, "STATUS_SEC_GFH_ANTI_CLONE_NOT_FOUND", UB_ERROR_REFUSED },
  { 0xc0020036, "STATUS_SEC_GFH_SEC_CFG_NOT_FOUND", UB_ERROR_REFUSED },
  { 0xc0020037, "STATUS_SEC_UNSUPPORTED_SOURCE_TYPE", UB_ERROR_REFUSED },
  { 0xc0020038, "STATUS_SEC_CUST_NAME_MISMATCH", UB_ERROR_REFUSED },
  { 0xc0020039, "invalid address", UB_ERROR_REFUSED },
  { 0xc0020040, "certificate version not synced", UB_ERROR_REFUSED },
  { 0xc0020041, "signature not synced", UB_ERROR_NEEDS_AUTH },
  { 0xc0020042, "all-in-one signature rejected", UB_ERROR_NEEDS_AUTH },
  { 0xc0020043, "all-in-one signature missing", UB_ERROR_NEEDS_AUTH },
  { 0xc0020044, "communication key not set", UB_ERROR_NEEDS_AUTH },
  { 0xc0020045, "device info check failed", UB_ERROR_REFUSED },
  { 0xc0020046, "boot image count overflow", UB_ERROR_REFUSED },
  { 0xc0020047, "signature not found", UB_ERROR_NEEDS_AUTH },
  { 0xc0020048, "boot image special handling", UB_ERROR_REFUSED },
  { 0xc0020049, "remote security policy disabled / not passed", UB_ERROR_NEEDS_AUTH },
  { 0xc002004a, "RSA-OAEP failure", UB_ERROR_NEEDS_AUTH },
  { 0xc002004b, "insufficient buffer security", UB_ERROR_REFUSED },
  { 0xc002004c, "agent anti-rollback error", UB_ERROR_REFUSED },
  { 0xc002004d, "cannot read OTP value", UB_ERROR_REFUSED },
  { 0xc002004e, "invalid unit size", UB_ERROR_REFUSED },
  { 0xc002004f, "invalid group index", UB_ERROR_REFUSED },
  { 0xc0020050, "image version overflow", UB_ERROR_REFUSED },
  { 0xc0020051, "OTP table not initialised", UB_ERROR_REFUSED },
  { 0xc0020052, "invalid partition name", UB_ERROR_REFUSED },
  { 0xc0020053, "agent version anti-rollback error", UB_ERROR_REFUSED },
  { 0xc0020054, "invalid message size", UB_ERROR_REFUSED },
  { 0xc0020055, "security level unsupported", UB_ERROR_REFUSED },
  { 0xc0020056, "security level mismatch", UB_ERROR_REFUSED },
  { 0xc0020057, "fault-injection detected", UB_ERROR_REFUSED },
  { 0xc0020058, "too many root keys in hash group", UB_ERROR_REFUSED },
  { 0xc0020059, "security level too large", UB_ERROR_REFUSED },
  { 0xc002005a, "security config was formatted", UB_ERROR_REFUSED },
  { 0xc002005b, "security config unknown error", UB_ERROR_REFUSED },
  { 0xc002005c, "lock state: seccfg failure", UB_ERROR_REFUSED },
  { 0xc002005d, "lock state: custom failure", UB_ERROR_REFUSED },
  { 0xc002005e, "lock state inconsistent", UB_ERROR_REFUSED },
  { 0xc0030002, "STATUS_DA_FILE_INVALID", UB_ERROR_BAD_AGENT },
  { 0xc0030003, "STATUS_DA_SELECTION_ERR", UB_ERROR_NO_AGENT },
  { 0xc0030004, "STATUS_PRELOADER_INVALID", UB_ERROR_BAD_IMAGE },
  { 0xc0030005, "STATUS_EMI_HDR_INVALID", UB_ERROR_NO_EMI },
  { 0xc0030006, "STATUS_STORAGE_MISMATCH", UB_ERROR_WRONG_STORAGE },
  { 0xc0030007, "STATUS_INVALID_PARAMETERS", FALLBACK },
  { 0xc0030008, "STATUS_INVALID_GPT", UB_ERROR_WRONG_LAYOUT },
  { 0xc0030009, "STATUS_INVALID_PMT", UB_ERROR_WRONG_LAYOUT },
  { 0xc003000a, "STATUS_LAYOUT_CHANGED", UB_ERROR_WRONG_LAYOUT },
  { 0xc003000b, "STATUS_INVALID_FORMAT_PARAMETER", FALLBACK },
  { 0xc003000c, "STATUS_UNKNOWN_STORAGE_SECTION_TYPE", UB_ERROR_WRONG_STORAGE },
  { 0xc003000e, "STATUS_PARTITION_TBL_NOT_EXIST", UB_ERROR_WRONG_LAYOUT },
  { 0xc003001b, "certificate too large", FALLBACK },
  { 0xc003001c, "storage life warning", FALLBACK },
  { 0xc003001d, "storage life exhausted", FALLBACK },
  { 0xc0040001, "STATUS_UNSUPPORT_OP", UB_ERROR_UNSUPPORTED },
  { 0xc0040002, "STATUS_THREAD", FALLBACK },
  { 0xc0040003, "STATUS_CHECKSUM_ERR", UB_ERROR_CHECKSUM },
  { 0xc0040004, "STATUS_TOO_LARGE", UB_ERROR_IMAGE_TOO_BIG },
  { 0xc0040005, "STATUS_UNKNOWN_SPARSE_CHUNK_TYPE", UB_ERROR_BAD_IMAGE },
  { 0xc0040006, "STATUS_PARTITON_NOT_FOUND", UB_ERROR_WRONG_LAYOUT },
  { 0xc0040007, "STATUS_READ_PT_FAIL", UB_ERROR_WRONG_LAYOUT },
  { 0xc0040008, "STATUS_EXCEED_MAX_PART_NUM", UB_ERROR_WRONG_LAYOUT },
  { 0xc0040009, "STATUS_UNKNOWN_STORAGE_TYPE", UB_ERROR_WRONG_STORAGE },
  { 0xc004000a, "STATUS_DRAM_TEST_FAILED", UB_ERROR_DRAM },
  { 0xc004000b, "STATUS_EXCEED_AVALIABLE_RANGE", UB_ERROR_WRONG_STORAGE },
  { 0xc004000c, "STATUS_WRITE_SPARSE_IMAGE_FAIL", FALLBACK },
  { 0xc004000d, "register access denied", FALLBACK },
  { 0xc0040030, "STATUS_MMC_ERR", FALLBACK },
  { 0xc0040040, "NAND error", FALLBACK },
  { 0xc0040041, "NAND in progress", FALLBACK },
  { 0xc0040042, "NAND timeout", FALLBACK },
  { 0xc0040043, "NAND bad block", FALLBACK },
  { 0xc0040044, "NAND erase failed", FALLBACK },
  { 0xc0040045, "NAND page program failed", FALLBACK },
  { 0xc0040050, "STATUS_EMI_SETTING_VERSION_ERROR", UB_ERROR_NO_EMI },
  { 0xc0040060, "UFS error", FALLBACK },
  { 0xc0070001, "STATUS_DA_VERSION_INCORRECT", UB_ERROR_BAD_AGENT },
  { 0xc0070002, "STATUS_DA_NOT_FOUND", UB_ERROR_NO_AGENT },
  { 0xc0070003, "STATUS_DA_SECTION_NOT_FOUND", UB_ERROR_BAD_AGENT },
  { 0xc0070004, "STATUS_DA_HASH_MISMATCH", UB_ERROR_BAD_AGENT },
  { 0xc0070005, "STATUS_DA_EXCEED_MAX_NUM", UB_ERROR_BAD_AGENT },
};

/* words for what people can do something about */
static const struct
{
  guint32     status;
  const char *words;
} reasons[] = {
  { 0xc0020004, "the phone's security policy forbids writing this" },
  { 0xc0020005, "the phone wants to verify it first, and it is too big for that" },
  { 0xc0020006, "the preloader does not bear the signature this phone wants" },
  { 0xc0020007, "the image does not bear the signature this phone wants" },
  { 0xc0020009, "the phone only takes the image it was bound to" },
  { 0xc002000c, "the phone's security policy forbids writing this area directly" },
  { 0xc002000d, "the phone's security policy forbids erasing this area" },
  { 0xc002002c, "the image does not bear the signature this phone wants" },
  { 0xc002002d, "the image is older than the phone allows (anti-rollback)" },
  { 0xc0020049, "the phone did not accept its maker's login" },
  { 0xc002004c, "the agent is older than the phone allows (anti-rollback)" },
  { 0xc0020053, "the agent is older than the phone allows (anti-rollback)" },
  { 0xc0070004, "the agent's second part does not belong to its first" },
};

gboolean
ub_da_xflash_status_is_failure (guint32 status)
{
  return status != UB_DA_XFLASH_STATUS_OK && status >> 28 != 4;
}

const char *
ub_da_xflash_status_name (guint32 status)
{
  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++)
    if (statuses[i].status == status)
      return statuses[i].name;
  return "unknown";
}

int
ub_da_xflash_status_error (guint32 status, int fallback)
{
  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++)
    if (statuses[i].status == status && statuses[i].error != FALLBACK)
      return statuses[i].error;
  return status >> 16 == SECURITY ? UB_ERROR_REFUSED : fallback;
}

gboolean
ub_da_xflash_status_set (const char *what, guint32 status, int fallback, GError **error)
{
  const int   code = ub_da_xflash_status_error (status, fallback);
  const char *words = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (reasons[i].status == status)
      words = reasons[i].words;
  if (words == NULL && status >> 16 == SECURITY && code == UB_ERROR_REFUSED)
    words = "refused by the phone's security policy";
  if (words == NULL && code == UB_ERROR_NEEDS_AUTH)
    words = "the phone wants its maker's signature or login";
  g_set_error (error,
               UB_ERROR,
               code,
               "%s: status 0x%08x (%s)%s%s",
               what,
               status,
               ub_da_xflash_status_name (status),
               words != NULL ? ": " : "",
               words != NULL ? words : "");
  return FALSE;
}
