package example;

import modelpatch.junit.ModelUnderTest;
import modelpatch.junit.RegressionSuite;
import modelpatch.junit.RegressionTests;

/** The model that this project ships: the embedded one of modelpatch with one signed patch. */
@ModelUnderTest(
        model = "../../../models/default",
        patches = "patches/repair.patch.safetensors",
        policy = "policy.yaml")
@RegressionSuite("eval/repair.yaml")
class EditedModelTest implements RegressionTests {}
