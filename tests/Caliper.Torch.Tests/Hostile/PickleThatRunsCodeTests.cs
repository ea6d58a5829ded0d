using static Caliper.Torch.Tests.Hostile.CraftedCheckpoint;

namespace Caliper.Torch.Tests.Hostile;

public class PickleThatRunsCodeTests
{
    [Fact]
    public void GLOBAL_and_REDUCE_of_a_system_call_is_refused_and_not_run()
    {
        using var evidence = new TemporaryFile("evidence");
        var message = Refusal(Zip($"\u0080\u0002cos\nsystem\n({Text($"touch {evidence.Path}")}tR."));

        Assert.Contains("call 'os.system'", message, StringComparison.Ordinal);
        Assert.Contains("nothing was run", message, StringComparison.Ordinal);
        Assert.False(File.Exists(evidence.Path));
    }

    [Theory]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("builtins", "getattr")]
    [InlineData("subprocess", "Popen")]
    [InlineData("torch", "load")]
    [InlineData("torch.hub", "load")]
    [InlineData("torch._utils", "_rebuild_qtensor")]
    [InlineData("collections", "OrderedDict.__reduce__")]
    [InlineData("numpy.core.multiarray", "_reconstruct")]
    [InlineData("torchvision.models.resnet", "ResNet")]
    public void A_name_that_is_not_known_is_refused_by_either_opcode(string module, string name)
    {
        var byText = $"c{module}\n{name}\n";
        var fromStack = $"\u008c{(char)module.Length}{module}\u008c{(char)name.Length}{name}\u0093";
        foreach (var global in new[] { byText, fromStack })
        {
            var message = Refusal(Zip($"\u0080\u0004{global})R."));
            Assert.Contains($"'{module}.{name}'", message, StringComparison.Ordinal);
            Assert.Contains("nothing was run", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void INST_is_refused() => AssertCallRefused("(X\u0002\u0000\u0000\u0000idios\nsystem\n.", "construct 'os.system'");

    [Fact]
    public void OBJ_is_refused_even_of_a_known_name() =>
        AssertCallRefused("(ccollections\nOrderedDict\no.", "construct 'collections.OrderedDict'");

    [Fact]
    public void NEWOBJ_is_refused_even_of_a_known_name() =>
        AssertCallRefused("ctorch\nTensor\n)\u0081.", "construct 'torch.Tensor'");

    [Fact]
    public void NEWOBJ_EX_is_refused_even_of_a_known_name() =>
        AssertCallRefused("ctorch\nTensor\n)}\u0092.", "construct 'torch.Tensor'");

    [Fact]
    public void BUILD_with_a_setstate_is_refused() =>
        AssertCallRefused(
            $"ccollections\nOrderedDict\n)R{Dictionary(("__setstate__", "ccollections\nOrderedDict\n"))}b.", "replace '__setstate__'");

    [Fact]
    public void BUILD_of_a_tensor_is_refused() =>
        AssertCallRefused($"{TwoFloats}{Dictionary(("x", "K\u0001"))}b.", "set the state of a tensor");

    [Fact]
    public void REDUCE_of_something_that_is_no_function_is_refused() =>
        AssertCallRefused($"{Text("os.system")})R.", "call something that is no function");

    [Fact]
    public void Extension_codes_are_refused() => AssertCallRefused("\u0082\u0001.", "call something by its number");

    [Fact]
    public void Persistent_ids_of_text_are_refused() => AssertCallRefused("Pos.system\n.", "resolve 'os.system'");

    [Fact]
    public void A_call_in_any_pickle_of_a_legacy_file_is_refused()
    {
        const string call = "cos\nsystem\n)R.";
        AssertRefused(Legacy("}.", "].", "", systemInformation: call), "'os.system'");
        AssertRefused(Legacy(call, "].", ""), "'os.system'");
        AssertRefused(Legacy(Dictionary(("w", TwoFloats)) + ".", call, ""), "'os.system'");
    }

    [Fact]
    public void A_call_hidden_beside_the_weights_is_refused_too() =>
        AssertCallRefused(
            Dictionary(("state_dict", Dictionary(("w", TwoFloats))), ("optimizer", "cos\nsystem\n)R")) + ".", "call 'os.system'");

    private static void AssertCallRefused(string pickle, string what)
    {
        var message = Refusal(Zip("\u0080\u0002" + pickle, ("data/0", Floats(1, 2))));
        Assert.Contains($"asks Python to {what}", message, StringComparison.Ordinal);
        Assert.Contains("nothing was run", message, StringComparison.Ordinal);
    }
}
