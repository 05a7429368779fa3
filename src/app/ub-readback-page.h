/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/ub-application.h"

G_BEGIN_DECLS

#define UB_TYPE_READBACK_PAGE (ub_readback_page_get_type ())
G_DECLARE_FINAL_TYPE (UbReadbackPage, ub_readback_page, UB, READBACK_PAGE, GtkWidget)

/* @application: borrowed, outlives the page */
GtkWidget *ub_readback_page_new (UbApplication *application);

G_END_DECLS
