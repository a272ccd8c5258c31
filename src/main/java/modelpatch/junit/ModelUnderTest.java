package modelpatch.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Names the model that a test class guards. Classes that name the same model with the same patches share it: it is loaded once in a run and
 * closed at its end.
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(ModelPatchExtension.class)
public @interface ModelUnderTest {
    /** A checkpoint directory or a GGUF file, relative to the working directory of the tests, or to JUnit's configuration parameter {@code
     * modelpatch.root}; or the name of a model that comes with modelpatch: {@code default}. */
    String model();

    /** Patch files, lowest first. */
    String[] patches() default {};

    /** What a model without patches, such as a merged checkpoint, is compared with for drift; empty for nothing. */
    String base() default "";

    /** The policy that patches must keep, a YAML file; empty for the defaults, by which an expired patch is refused. */
    String policy() default "";

    /** Threads of the engine; 0 for one per core. */
    int threads() default 0;
}
