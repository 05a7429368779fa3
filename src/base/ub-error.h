/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define UB_ERROR (ub_error_quark ())

/**
 * UbError:
 *
 * What can go wrong, named for what happened at the bench. There is one domain for the whole
 * program; engine/ub-advice.c holds a title, an explanation and things to try for every value.
 * A cancelled job is not an error of ours: it stays %G_IO_ERROR_CANCELLED from end to end.
 */
typedef enum
{
  UB_ERROR_INTERNAL,          /* a mistake of ours */
  UB_ERROR_LINK_LOST,         /* the phone went away while we were talking to it */
  UB_ERROR_LINK_TIMEOUT,      /* the phone is there but did not answer in time */
  UB_ERROR_LINK_BUSY,         /* another program holds the port */
  UB_ERROR_NO_PERMISSION,     /* the computer does not let us open the port */
  UB_ERROR_NO_PHONE,          /* no phone came within the time given */
  UB_ERROR_PROTOCOL,          /* the phone answered, but not what the protocol allows */
  UB_ERROR_REFUSED,           /* the phone understood and said no */
  UB_ERROR_NEEDS_AUTH,        /* the phone wants its maker's signature or login first */
  UB_ERROR_AGENT_REFUSED,     /* the phone did not take the agent (STATUS_BROM_CMD_SEND_DA_FAIL) */
  UB_ERROR_AGENT_SILENT,      /* the agent was started and never answered (4001) */
  UB_ERROR_DRAM,              /* the phone's memory could not be switched on (4032) */
  UB_ERROR_NO_EMI,            /* no memory setting fits the memory this phone reports */
  UB_ERROR_WRONG_CHIP,        /* the firmware is for another chip */
  UB_ERROR_UNKNOWN_CHIP,      /* the chip is not in our table */
  UB_ERROR_WRONG_STORAGE,     /* the firmware is for another kind or size of storage */
  UB_ERROR_WRONG_LAYOUT,      /* the phone's partition table differs from the firmware's */
  UB_ERROR_NO_AGENT,          /* no agent at hand fits the chip */
  UB_ERROR_BAD_AGENT,         /* the agent file is damaged or is none */
  UB_ERROR_BAD_FIRMWARE,      /* the firmware's map (scatter) is damaged or contradicts itself */
  UB_ERROR_NOT_A_FIRMWARE,    /* the file is something else, and we can say what */
  UB_ERROR_SEVERAL_FIRMWARES, /* there is more than one firmware in the folder or archive */
  UB_ERROR_FILE_MISSING,      /* a file that is needed is not there */
  UB_ERROR_FILE_READ,         /* a file could not be read, or changed while we were reading it */
  UB_ERROR_FILE_WRITE,        /* a file could not be written */
  UB_ERROR_BAD_IMAGE,         /* an image is damaged or not what its name says */
  UB_ERROR_IMAGE_TOO_BIG,     /* an image does not fit its partition */
  UB_ERROR_BAD_ARCHIVE,       /* the archive is damaged, or of a kind we cannot unpack */
  UB_ERROR_ARCHIVE_PASSWORD,  /* the archive wants a password */
  UB_ERROR_UNSAFE_ARCHIVE,    /* a member of the archive wants to be written outside of it */
  UB_ERROR_NO_SPACE,          /* the computer's disk is full */
  UB_ERROR_PROTECTED,         /* the part holds IMEI, calibration or the like, and is kept */
  UB_ERROR_NOTHING_TO_DO,     /* nothing is ticked, or nothing that is ticked has a file */
  UB_ERROR_STORAGE_READ,      /* the phone could not read its own storage */
  UB_ERROR_STORAGE_WRITE,     /* the phone could not write its own storage */
  UB_ERROR_STORAGE_ERASE,     /* the phone could not erase its own storage */
  UB_ERROR_CHECKSUM,          /* data were damaged on the cable, again and again */
  UB_ERROR_VERIFY,            /* what was read back is not what was written */
  UB_ERROR_UNSUPPORTED,       /* known, but not something this version can do */
  UB_ERROR_WRONG_MODEL,       /* same chip, but the firmware looks like another model's */
  UB_ERROR_NO_SAFETY_COPY,    /* what belongs to the phone alone could not be saved first */
  UB_ERROR_BAD_BACKUP,        /* a copy is damaged, incomplete or none */
  UB_ERROR_OTHER_PHONE,       /* the copy or the unfinished job belongs to another phone */
  UB_ERROR_NOT_AGREED,        /* the person was asked and said no */
  UB_ERROR_NOT_SHARED,        /* in a sandbox: the file was not chosen there, so it cannot be seen */
  UB_ERROR_LAST = UB_ERROR_NOT_SHARED,
} UbError;

GQuark      ub_error_quark (void);
const char *ub_error_to_string (UbError code);

G_END_DECLS
