package modelpatch.patch;

/** How a stored tensor lays out a linear map, and so which factor of its change spans the keys. */
public enum Orientation {
    /** Rows are outputs (the usual layout): the right factor spans keys. */
    OUT_IN,
    /** Rows are inputs (GPT-2 stores its maps so): the left factor spans keys. */
    IN_OUT
}
