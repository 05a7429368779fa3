/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/ub-agent-library.h"
#include "firmware/ub-firmware.h"

G_BEGIN_DECLS

/* what came of opening something; a value */
typedef struct
{
  UbFirmware *firmware; /* (nullable) */
  GPtrArray  *agents;   /* (nullable) (element-type filename): those that fit, best first */
  GPtrArray  *choices;  /* (nullable) (element-type filename): several firmwares were found, and
                           @firmware is %NULL */
  guint       n_added;  /* agents that were added to the library */
  char *added; /* (nullable): the one that was brought, where it lies now; the best of several */
  gboolean
          alone; /* a single file was opened, and nothing of what belongs to it can be seen beside it: its folder
                       was not chosen, or it is the only one that was unpacked */
  GError *trouble; /* (nullable): with @alone: why there is no @firmware */
} UbLoaded;

void ub_loaded_free (UbLoaded *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UbLoaded, ub_loaded_free)

#define UB_TYPE_FIRMWARE_LOADER (ub_firmware_loader_get_type ())
G_DECLARE_FINAL_TYPE (UbFirmwareLoader, ub_firmware_loader, UB, FIRMWARE_LOADER, GObject)

/**
 * UbFirmwareLoader:
 *
 * Everything that reads files for the window, in threads, so that the main loop never waits for a
 * disk. The agent library is only used through it, because it is not thread-safe itself: one job at
 * a time holds it.
 */
UbFirmwareLoader *ub_firmware_loader_new (UbAgentLibrary *agents);
/* @wanted: (nullable): name of a file, for a folder where it is searched: that one, if there are several. Its images
 * may be missing then, for @path is where they should be */
void ub_firmware_loader_open_async (UbFirmwareLoader   *self,
                                    const char         *path,
                                    const char         *wanted,
                                    GCancellable       *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer            user_data);
/* the same firmware with another image for @name */
void ub_firmware_loader_replace_async (UbFirmwareLoader   *self,
                                       UbFirmware         *firmware,
                                       UbStorage           storage,
                                       const char         *name,
                                       const char         *path,
                                       GCancellable       *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer            user_data);
/* adds to the library, and finds anew what fits @firmware (nullable) */
void ub_firmware_loader_add_agents_async (UbFirmwareLoader   *self,
                                          const char         *path,
                                          UbFirmware         *firmware,
                                          GCancellable       *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer            user_data);
/* (transfer full): for all of the above */
UbLoaded *ub_firmware_loader_finish (UbFirmwareLoader *self, GAsyncResult *result, GError **error);
/* (transfer full) (element-type filename): all known agents; %NULL while a job holds the library */
GPtrArray *ub_firmware_loader_list_agents (UbFirmwareLoader *self);
/* how far unpacking is; (transfer full) (nullable): what is being done */
char *ub_firmware_loader_dup_progress (UbFirmwareLoader *self, double *fraction);

G_END_DECLS
