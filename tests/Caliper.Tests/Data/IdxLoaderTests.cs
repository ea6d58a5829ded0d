using System.Buffers.Binary;
using Caliper.Data;
using Caliper.Evaluation.Tests;
using Caliper.Graphs;

namespace Caliper.Tests.Data;

public sealed class IdxLoaderTests : IDisposable
{
    private const string Images = "t10k-images-idx3-ubyte";
    private const string Labels = "t10k-labels-idx1-ubyte";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static byte[] Idx(byte[] elements, params int[] lengths)
    {
        var header = new byte[4 + 4 * lengths.Length];
        (header[2], header[3]) = (8, (byte)lengths.Length);
        for (var i = 0; i < lengths.Length; i++) BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + 4 * i), lengths[i]);
        return [.. header, .. elements];
    }

    private static byte[] Counted(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)i)];

    [Fact]
    public void Images_and_the_labels_beside_them_become_batches()
    {
        var path = _folder.File(Images, Idx(Counted(12), 3, 2, 2));
        _folder.File(Labels, Idx([7, 2, 1], 3));
        var loader = IdxLoader.Open(path, 2, mean: [0.5f], std: [0.25f]);
        Assert.Equal((3, 2, true), (loader.SampleCount, loader.BatchCount, loader.HasLabels));
        var batches = loader.ToList();
        Assert.Equal(Shape.Of(2, 1, 2, 2), batches[0].Inputs[""].Shape);
        Assert.Equal(
            Counted(12).Select(p => (p / 255f - 0.5f) / 0.25f), batches.SelectMany(b => b.Inputs[""].Span<float>().ToArray()));
        Assert.Equal([7, 2, 1], batches.SelectMany(b => b.Labels!.Value));
        Assert.Equal($"{Images}[2]", batches[1].SampleNames.Single());
    }

    [Fact]
    public void Four_axes_have_channels_each_with_its_own_mean()
    {
        var path = _folder.File("colour.idx4", Idx(Counted(12), 2, 3, 1, 2));
        var batch = IdxLoader.Open(path, 2, scale: 1, mean: [0, 100, 200]).Single();
        Assert.Equal(Shape.Of(2, 3, 1, 2), batch.Inputs[""].Shape);
        Assert.Equal([0, 1, -98, -97, -196, -195, 6, 7, -92, -91, -190, -189], batch.Inputs[""].Span<float>().ToArray());
        Assert.Null(batch.Labels);
    }

    [Fact]
    public void The_dotted_names_of_mnist_find_their_labels()
    {
        var path = _folder.File("train-images.idx3-ubyte", Idx([1], 1, 1, 1));
        _folder.File("train-labels.idx1-ubyte", Idx([9], 1));
        Assert.Equal([9], IdxLoader.Open(path, 1).Single().Labels!.Value);
    }

    [Fact]
    public void Damage_is_refused()
    {
        var good = Idx(Counted(12), 3, 2, 2);
        for (var length = 0; length < good.Length; length++) Refused(good[..length]);
        Assert.Contains("another size", Refused([.. good, 0]));
        Assert.Contains("another size", Refused(Idx([], int.MaxValue, int.MaxValue, int.MaxValue)));
        Assert.Contains("another size", Refused(Idx(Counted(12), -3, -2, 2)));
        Assert.Contains("another size", Refused(Idx([], 0, 2, 2)));
        Assert.Contains("2 axes", Refused(Idx(Counted(4), 2, 2)));
        Assert.Contains("IDX type 13", Refused([0, 0, 13, 1, 0, 0, 0, 1, 0, 0, 0, 0]));
        Assert.Contains("not an IDX file", Refused("hello, world"u8.ToArray()));

        string Refused(byte[] bytes)
        {
            var path = _folder.File(Images, bytes);
            var message = Assert.Throws<CaliperException>(() => IdxLoader.Open(path, 2).Count()).Message;
            Assert.Contains(path, message);
            return message;
        }
    }

    [Fact]
    public void Labels_that_are_not_as_many_and_a_mean_for_other_channels_are_refused()
    {
        var path = _folder.File(Images, Idx(Counted(12), 3, 2, 2));
        Assert.Contains("1 value, not 3", Assert.Throws<CaliperException>(
            () => IdxLoader.Open(path, 2, mean: [0, 0, 0])).Message);
        Assert.Contains("std", Assert.Throws<CaliperException>(() => IdxLoader.Open(path, 2, std: [0])).Message);
        Assert.Contains("scale", Assert.Throws<CaliperException>(() => IdxLoader.Open(path, 2, scale: double.NaN)).Message);
        _folder.File(Labels, Idx([7, 2], 2));
        Assert.Contains("3 images", Assert.Throws<CaliperException>(() => IdxLoader.Open(path, 2)).Message);
    }
}
