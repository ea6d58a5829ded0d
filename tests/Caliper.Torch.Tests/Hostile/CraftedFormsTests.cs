using static Caliper.Torch.Tests.Hostile.CraftedCheckpoint;

namespace Caliper.Torch.Tests.Hostile;

/// <summary>Forms that PyTorch or training scripts write, but that are in no fixture.</summary>
public class CraftedFormsTests
{
    private static readonly (string, byte[]) Record = ("data/0", Floats(1, 2));

    [Theory]
    [InlineData("state_dict")]
    [InlineData("model_state_dict")]
    [InlineData("model")]
    [InlineData("net")]
    public void Weights_are_found_under_the_usual_keys(string key) =>
        AssertKeys(Dictionary(("epoch", "K\u0007"), (key, Dictionary(("w", TwoFloats)))), "w");

    [Fact]
    public void Weights_are_found_inside_two_wrappers() =>
        AssertKeys(Dictionary(("model", Dictionary(("state_dict", Dictionary(("module.w", TwoFloats)))))), "w");

    [Fact]
    public void A_wrapper_key_that_holds_no_tensors_hides_nothing() =>
        AssertKeys(Dictionary(("model", Dictionary(("depth", "K\u0014"))), ("w", TwoFloats)), "w");

    [Fact]
    public void A_layer_called_module_keeps_its_name() =>
        AssertKeys(Dictionary(("module.w", TwoFloats), ("v", TwoFloats)), "module.w", "v");

    [Fact]
    public void The_attributes_of_a_state_dict_are_dropped() =>
        AssertKeys($"ccollections\nOrderedDict\n)R({Text("w")}{TwoFloats}u{Dictionary(("_metadata", "}"))}b", "w");

    [Fact]
    public void A_parameter_with_attributes_is_a_tensor()
    {
        var inner = $"({Storage("0", 2)}K\0{Integers(2)}{Integers(1)}\u0089}}t";
        const string names = "ctorch._utils\n_rebuild_tensor_v2\nctorch.nn.parameter\nParameter\n";
        var fromType = $"ctorch._tensor\n_rebuild_from_type_v2\n({names}{inner}}}tR";
        var withState = $"ctorch._utils\n_rebuild_parameter_with_state\n({TwoFloats}\u0088}}}}tR";
        var tensors = Load(Zip(Dictionary(("a", fromType), ("b", withState)) + ".", Record));
        Assert.Equal([1f, 2], tensors["a"].Span<float>().ToArray());
        Assert.Equal([1f, 2], tensors["b"].Span<float>().ToArray());
    }

    [Fact]
    public void A_compressed_archive_is_read() =>
        Assert.Equal([1f, 2], Load(Deflated(Dictionary(("w", TwoFloats)) + ".", Record))["w"].Span<float>().ToArray());

    [Fact]
    public void An_archive_of_a_big_endian_machine_is_read()
    {
        byte[] bigEndian = [0x3f, 0x80, 0, 0, 0x40, 0, 0, 0];
        var file = Zip(Dictionary(("w", TwoFloats)) + ".", ("byteorder", "big"u8.ToArray()), ("data/0", bigEndian));
        Assert.Equal([1f, 2], Load(file)["w"].Span<float>().ToArray());
    }

    [Fact]
    public void A_legacy_view_of_a_storage_is_read()
    {
        var view = Storage("0", 4, view: $"({Text("v")}{Integer(1)}{Integer(3)}t");
        var floats = string.Concat(Floats(1, 2, 3, 4).Select(b => (char)b));
        var file = Legacy(Dictionary(("w", Tensor(view, 1, [2], [1]))) + ".", $"]{Text("0")}a.", "\u0004\0\0\0\0\0\0\0" + floats);
        Assert.Equal([3f, 4], Load(file)["w"].Span<float>().ToArray());
    }

    [Fact]
    public void Storages_of_the_optimizer_are_not_read()
    {
        // The record of the second storage is missing; nobody needs it.
        var optimizer = Dictionary(("momentum", Tensor(Storage("1", 1000), 0, [1000], [1])));
        AssertKeys(Dictionary(("state_dict", Dictionary(("w", TwoFloats))), ("optimizer", optimizer)), "w");
    }

    [Fact]
    public void Flags_are_zero_or_one_whatever_the_byte()
    {
        var flags = Tensor(Storage("0", 3, "BoolStorage"), 0, [3], [1]);
        Assert.Equal([0, 1, 1], Load(Zip(Dictionary(("f", flags)) + ".", ("data/0", [0, 1, 7])))["f"].Bytes.ToArray());
    }

    [Fact]
    public void An_archive_of_TorchScript_is_told_apart() =>
        AssertRefused(Zip("}.", ("constants.pkl", [(byte)'.'])), "TorchScript");

    private static void AssertKeys(string pickle, params string[] keys) => Assert.Equal(keys, Load(Zip(pickle + ".", Record)).Keys);
}
