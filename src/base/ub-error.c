/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ub-error.h"

G_DEFINE_QUARK (ub - error - quark, ub_error)

static const char *const names[] = {
  [UB_ERROR_INTERNAL] = "internal",
  [UB_ERROR_LINK_LOST] = "link-lost",
  [UB_ERROR_LINK_TIMEOUT] = "link-timeout",
  [UB_ERROR_LINK_BUSY] = "link-busy",
  [UB_ERROR_NO_PERMISSION] = "no-permission",
  [UB_ERROR_NO_PHONE] = "no-phone",
  [UB_ERROR_PROTOCOL] = "protocol",
  [UB_ERROR_REFUSED] = "refused",
  [UB_ERROR_NEEDS_AUTH] = "needs-auth",
  [UB_ERROR_AGENT_REFUSED] = "agent-refused",
  [UB_ERROR_AGENT_SILENT] = "agent-silent",
  [UB_ERROR_DRAM] = "dram",
  [UB_ERROR_NO_EMI] = "no-emi",
  [UB_ERROR_WRONG_CHIP] = "wrong-chip",
  [UB_ERROR_UNKNOWN_CHIP] = "unknown-chip",
  [UB_ERROR_WRONG_STORAGE] = "wrong-storage",
  [UB_ERROR_WRONG_LAYOUT] = "wrong-layout",
  [UB_ERROR_NO_AGENT] = "no-agent",
  [UB_ERROR_BAD_AGENT] = "bad-agent",
  [UB_ERROR_BAD_FIRMWARE] = "bad-firmware",
  [UB_ERROR_NOT_A_FIRMWARE] = "not-a-firmware",
  [UB_ERROR_SEVERAL_FIRMWARES] = "several-firmwares",
  [UB_ERROR_FILE_MISSING] = "file-missing",
  [UB_ERROR_FILE_READ] = "file-read",
  [UB_ERROR_FILE_WRITE] = "file-write",
  [UB_ERROR_BAD_IMAGE] = "bad-image",
  [UB_ERROR_IMAGE_TOO_BIG] = "image-too-big",
  [UB_ERROR_BAD_ARCHIVE] = "bad-archive",
  [UB_ERROR_ARCHIVE_PASSWORD] = "archive-password",
  [UB_ERROR_UNSAFE_ARCHIVE] = "unsafe-archive",
  [UB_ERROR_NO_SPACE] = "no-space",
  [UB_ERROR_PROTECTED] = "protected",
  [UB_ERROR_NOTHING_TO_DO] = "nothing-to-do",
  [UB_ERROR_STORAGE_READ] = "storage-read",
  [UB_ERROR_STORAGE_WRITE] = "storage-write",
  [UB_ERROR_STORAGE_ERASE] = "storage-erase",
  [UB_ERROR_CHECKSUM] = "checksum",
  [UB_ERROR_VERIFY] = "verify",
  [UB_ERROR_UNSUPPORTED] = "unsupported",
  [UB_ERROR_WRONG_MODEL] = "wrong-model",
  [UB_ERROR_NO_SAFETY_COPY] = "no-safety-copy",
  [UB_ERROR_BAD_BACKUP] = "bad-backup",
  [UB_ERROR_OTHER_PHONE] = "other-phone",
  [UB_ERROR_NOT_AGREED] = "not-agreed",
  [UB_ERROR_NOT_SHARED] = "not-shared",
};

G_STATIC_ASSERT (G_N_ELEMENTS (names) == UB_ERROR_LAST + 1);

/**
 * ub_error_to_string:
 * @code: a code
 *
 * Returns: (transfer none): the code's stable name, as in reports and `--json`; never %NULL
 */
const char *
ub_error_to_string (UbError code)
{
  return (guint) code < G_N_ELEMENTS (names) ? names[code] : "unknown";
}
