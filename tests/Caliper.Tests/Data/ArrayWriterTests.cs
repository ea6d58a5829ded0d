using Caliper.Data;
using Caliper.Graphs;

namespace Caliper.Tests.Data;

/// <summary>What is written is read again, and lies as NumPy's own files do.</summary>
public sealed class ArrayWriterTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".npz");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Arrays_keep_names_types_shapes_and_bytes()
    {
        var arrays = new Dictionary<string, Tensor>
        {
            ["boxes"] = Tensor.Of(Shape.Of(2, 3), [1f, -2f, float.NaN, 4f, 5f, float.PositiveInfinity]),
            ["classes/0"] = Tensor.Vector(1L, -5L),
            ["bytes"] = Tensor.Of(Shape.Of(2, 1, 1), new byte[] { 0, 255 }),
            ["whole"] = Tensor.Of(Shape.Of(2, 2), [1, 2, 3, -4]),
        };
        ArrayWriter.Write(_path, arrays);
        using var file = ArrayFile.Open(_path);
        Assert.Equal(arrays.Keys, file.Names);
        foreach (var (name, expected) in arrays)
        {
            var array = NpyArray.Open(file, name);
            Assert.Equal(expected.Type, array.Header.Type);
            Assert.Equal(expected.Shape.ToArray(), array.Header.Lengths);
            using var elements = array.OpenElements(file);
            using var bytes = new MemoryStream();
            elements.CopyTo(bytes);
            Assert.Equal(expected.Bytes.ToArray(), bytes.ToArray());
        }
    }

    [Fact]
    public void A_number_alone_has_no_axis_and_a_header_ends_at_a_multiple_of_64()
    {
        ArrayWriter.Write(_path, [KeyValuePair.Create("score", Tensor.Scalar(0.5f))]);
        using var zip = System.IO.Compression.ZipFile.OpenRead(_path);
        using var entry = Assert.Single(zip.Entries).Open();
        using var bytes = new MemoryStream();
        entry.CopyTo(bytes);
        Assert.Equal(Npy.Of("<f4", "()", [0.5f]), bytes.ToArray());
    }
}
