package modelpatch.edit;

/** Which model a row is measured on while layers are edited one after another. */
enum View {
    /** With the edits of all lower layers. */
    LIVE,
    /** Without any edit. */
    FROZEN
}
