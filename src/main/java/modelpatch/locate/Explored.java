package modelpatch.locate;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** What a finder has seen so far, by case; grows while it works. */
final class Explored {
    /** Right cases of the choose side in the lens. */
    final Map<String, LensThreshold.Reading> right = new TreeMap<>();

    /** Failing cases in the lens. */
    final Map<String, CaseLens> readings = new TreeMap<>();

    /** Failing cases mediated. */
    final Map<String, CaseMediation> mediations = new TreeMap<>();

    /** Right cases of the choose side overwritten from a wrong bridge's guide. */
    final Map<String, CaseMediation> noised = new TreeMap<>();

    /** Time by part of the work. */
    final Map<String, Duration> spent = new LinkedHashMap<>();

    boolean complete;
}
