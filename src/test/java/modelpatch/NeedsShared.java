package modelpatch;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The test reads files of the shared folder that are too many to commit, {@link SharedModel#gguf} and {@link SharedModel#configCases}. Where they are absent it is skipped with the
 * reason; where the environment says {@code CI=true} their absence fails the build instead.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@ExtendWith(SharedFilesCondition.class)
public @interface NeedsShared {}
