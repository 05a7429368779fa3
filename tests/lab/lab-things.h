/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What else a cable can show besides the practice phone itself. Knows no bus. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* how the bytes of a thing are answered */
typedef enum
{
  LAB_THING_SILENT, /* a device without a word */
  LAB_THING_PHONE,  /* the practice phone's boot code, which shows these descriptors */
  LAB_THING_BROKEN, /* the port is powered and no device can be made of it */
} LabThingKind;

typedef struct
{
  const char   *name; /* "android mtp"; "deaf" is a preloader that takes no byte */
  LabThingKind  kind;
  const guint8 *descriptors; /* device, then configuration; high speed */
  gsize         n_descriptors;
  const char   *manufacturer, *product, *serial; /* (nullable) */
  const char   *driver;                          /* (nullable): the kernel's, of every interface */
} LabThing;

/* (nullable): NULL if there is no such thing */
const LabThing *lab_things_find (const char *name);
/* (transfer full): all names, with commas between */
char *lab_things_dup_names (void);

G_END_DECLS
