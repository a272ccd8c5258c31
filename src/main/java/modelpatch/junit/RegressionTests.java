package modelpatch.junit;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * All tests of a suite, for a class that has nothing to add:
 *
 * <pre>
 * &#64;ModelUnderTest(model = "models/m", patches = "patches/p.patch.safetensors")
 * &#64;RegressionSuite("eval/p.yaml")
 * class EditedModelTest implements RegressionTests {}
 * </pre>
 *
 * <p>One dynamic test for each case, one for each budget. JUnit gives dynamic tests the tags of the method that makes them, so there is one
 * method for each set, tagged with the set's name: {@code -Dgroups=hops} runs the single hops alone. Sets of other names are tagged
 * {@code own}, limits {@code budgets}.
 */
public interface RegressionTests {
    @TestFactory
    @Tag("correction")
    default Stream<DynamicTest> correction(GuardedModel model) {
        return model.cases("correction");
    }

    @TestFactory
    @Tag("paraphrase")
    default Stream<DynamicTest> paraphrase(GuardedModel model) {
        return model.cases("paraphrase");
    }

    @TestFactory
    @Tag("generalisation")
    default Stream<DynamicTest> generalisation(GuardedModel model) {
        return model.cases("generalisation");
    }

    @TestFactory
    @Tag("siblings")
    default Stream<DynamicTest> siblings(GuardedModel model) {
        return model.cases("siblings");
    }

    @TestFactory
    @Tag("specificity_relation")
    default Stream<DynamicTest> specificityRelation(GuardedModel model) {
        return model.cases("specificity_relation");
    }

    @TestFactory
    @Tag("specificity_random")
    default Stream<DynamicTest> specificityRandom(GuardedModel model) {
        return model.cases("specificity_random");
    }

    @TestFactory
    @Tag("hops")
    default Stream<DynamicTest> hops(GuardedModel model) {
        return model.cases("hops");
    }

    @TestFactory
    @Tag("own")
    default Stream<DynamicTest> own(GuardedModel model) {
        return model.ownCases();
    }

    @TestFactory
    @Tag("budgets")
    default Stream<DynamicTest> budgets(GuardedModel model) {
        return model.budgets();
    }
}
