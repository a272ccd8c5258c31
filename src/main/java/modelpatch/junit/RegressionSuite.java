package modelpatch.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/** Names the suites that a test class runs on its {@link ModelUnderTest}. */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(ModelPatchExtension.class)
public @interface RegressionSuite {
    /** YAML files as {@code patch guard init} writes them, relative to the working directory of the tests, or to JUnit's configuration parameter {@code
     * modelpatch.root}. */
    String[] value();
}
