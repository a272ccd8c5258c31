/**
 * Decode-time logit arithmetic: a small guider and its base shift what a target is about to say, token by token; training such a guider on a world
 * without the target's facts, and asking whether both together do what neither does alone.
 */
package modelpatch.guide;
