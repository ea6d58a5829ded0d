using System.IO.Compression;
using Caliper.Graphs;
using CsCheck;

namespace Caliper.Torch.Tests;

public class CheckpointSaveTests
{
    private static readonly ElementType[] AllTypes =
    [
        ElementType.Float32, ElementType.Float64, ElementType.Float16, ElementType.BFloat16, ElementType.Int8, ElementType.UInt8,
        ElementType.Int16, ElementType.Int32, ElementType.Int64, ElementType.UInt16, ElementType.UInt32, ElementType.UInt64,
        ElementType.Boolean, ElementType.Complex64, ElementType.Float8E4M3FN, ElementType.Float8E5M2, ElementType.Float8E8M0,
    ];

    private static readonly Gen<Tensor> AnyTensor =
        from type in Gen.OneOf(AllTypes)
        from lengths in Gen.Long[0, 4].Array[0, 4]
        from bytes in Gen.Byte.Array[(int)type.ByteCount(Shape.Of(lengths).ElementCount)]
        select new Tensor(type, Shape.Of(lengths), type is ElementType.Boolean ? [.. bytes.Select(b => (byte)(b & 1))] : bytes);

    private static readonly Gen<StateDict> AnyStateDict =
        from tensors in AnyTensor.Array[1, 8]
        select new StateDict(tensors.Select((t, i) => KeyValuePair.Create($"layer{i}.größe", t)));

    [Theory]
    [InlineData("weights.pth")]
    [InlineData("weights.safetensors")]
    public void What_is_saved_is_loaded_again(string name)
    {
        using var file = new TemporaryFile(name);
        AnyStateDict.Sample(
            saved =>
            {
                Checkpoint.Save(saved, file.Path);
                AssertSame(saved, Checkpoint.Load(file.Path));
            },
            iter: 200,
            threads: 1);
    }

    [Theory]
    [InlineData("weights.pth")]
    [InlineData("weights.safetensors")]
    public void The_same_weights_give_the_same_bytes_under_any_file_name(string name)
    {
        using var first = new TemporaryFile(name);
        using var second = new TemporaryFile("other" + name);
        var weights = Weights();
        Checkpoint.Save(weights, first.Path);
        Checkpoint.Save(weights, second.Path);

        Assert.Equal(File.ReadAllBytes(first.Path), File.ReadAllBytes(second.Path));
    }

    [Fact]
    public void The_records_of_a_pth_file_are_stored_uncompressed_on_64_byte_boundaries()
    {
        using var file = new TemporaryFile("weights.pth");
        Checkpoint.Save(Weights(), file.Path);
        var bytes = File.ReadAllBytes(file.Path);

        using var archive = ZipFile.OpenRead(file.Path);
        Assert.Equal(
            ["archive/data.pkl", "archive/byteorder", "archive/data/0", "archive/data/1", "archive/version"],
            archive.Entries.Select(e => e.FullName));
        Assert.All(archive.Entries, e => Assert.Equal(e.Length, e.CompressedLength));
        var content = Enumerable.Range(0, 64).Select(i => (byte)(i + 1)).ToArray();
        Assert.Equal(0, bytes.AsSpan().IndexOf(content) % 64);
    }

    [Fact]
    public void An_extension_of_no_checkpoint_is_refused_and_nothing_is_written()
    {
        using var file = new TemporaryFile("weights.bin");
        var error = Assert.Throws<CaliperException>(() => Checkpoint.Save(Weights(), file.Path));

        Assert.Contains(".safetensors", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(file.Folder));
    }

    [Fact]
    public void A_type_that_the_form_cannot_hold_is_refused_by_name_and_the_old_file_stays()
    {
        using var file = new TemporaryFile("weights.safetensors", [1, 2, 3]);
        var weights = new StateDict([new("half.byte", new Tensor(ElementType.Int4, Shape.Of(2), new byte[1]))]);
        var error = Assert.Throws<CaliperException>(() => Checkpoint.Save(weights, file.Path));

        Assert.Contains("'half.byte'", error.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(file.Path));
        Assert.Single(Directory.GetFiles(file.Folder));
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_an_error_of_one_sentence()
    {
        using var file = new TemporaryFile("weights.pth");
        var path = Path.Combine(file.Folder, "absent", "weights.pth");
        CaliperError.Says("cannot be written", () => Checkpoint.Save(Weights(), path));
        CaliperError.Says("cannot be read", () => Checkpoint.Load(path));
    }

    private static StateDict Weights() => new(
    [
        new("conv.weight", Tensor.Of(Shape.Of(8, 8), Enumerable.Range(0, 64).Select(i => (byte)(i + 1)).ToArray())),
        new("conv.bias", Tensor.Vector(0.5f, -1f)),
    ]);

    private static void AssertSame(StateDict expected, StateDict actual)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        foreach (var (name, tensor) in expected)
        {
            Assert.Equal(tensor.Type, actual[name].Type);
            Assert.Equal(tensor.Shape, actual[name].Shape);
            Assert.True(tensor.Bytes.Span.SequenceEqual(actual[name].Bytes.Span), name);
        }
    }
}
