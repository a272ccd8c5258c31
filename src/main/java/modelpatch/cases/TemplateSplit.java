package modelpatch.cases;

import java.util.Locale;

/**
 * What a template may be used for. A prompt made from an edit template may supply keys, values and protected prompts; choices are made
 * on validation templates; results come from test templates.
 */
public enum TemplateSplit {
    EDIT,
    VALIDATION,
    TEST;

    /** The name that files use, in lower case. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
