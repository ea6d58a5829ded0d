using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Caliper.Evaluation;
using Caliper.Graphs;

namespace Caliper.Imaging.Tests;

public sealed class DataSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static byte[] Npy()
    {
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), .. new byte[8]];
    }

    private static byte[] Idx()
    {
        var bytes = new byte[16 + 2];
        (bytes[2], bytes[3]) = (8, 3);
        for (var axis = 0; axis < 3; axis++) BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 + 4 * axis), axis == 0 ? 2 : 1);
        bytes[17] = 255;
        return bytes;
    }

    private string Refused(string path, Preprocessing? preprocessing = null) =>
        Assert.Throws<CaliperException>(() => DataSource.Open(path, preprocessing, 1)).Message;

    [Fact]
    public void Each_kind_of_data_is_told_by_its_content()
    {
        _folder.Put("images/a.png", Images.Plain(1, 1));
        _folder.Put("images/b.png", Images.Plain(1, 1));
        using (var zip = ZipFile.Open(Path.Combine(_folder.Path, "arrays"), ZipArchiveMode.Create))
        using (var entry = zip.CreateEntry("x.npy").Open()) entry.Write(Npy());
        var paths = new[] { _folder.Put("array", Npy()), _folder.Put("digits", Idx()), Path.Combine(_folder.Path, "arrays"),
            Path.Combine(_folder.Path, "images") };
        foreach (var path in paths)
        {
            var loader = DataSource.Open(path, null, 1);
            Assert.Equal((2, 2), (loader.SampleCount, loader.BatchCount));
            Assert.Equal(2, loader.Count());
            Assert.Single(DataSource.Open(path, null, 1, new() { Limit = 1 }));
        }
    }

    [Fact]
    public void An_idx_file_takes_scale_mean_and_std_but_no_resize()
    {
        var path = _folder.Put("digits", Idx());
        var batch = DataSource.Open(path, new() { Scale = 1, Mean = [1], Std = [2] }, 2).Single();
        Assert.Equal([-0.5f, 127], batch.Floats());
        Assert.Contains("neither resized nor cropped", Refused(path, new() { Crop = new(1) }));
    }

    [Fact]
    public void Arrays_refuse_preprocessing() =>
        Assert.Contains("as they are", Refused(_folder.Put("x.npy", Npy()), Preprocessing.Imagenet));

    [Fact]
    public void What_is_no_data_is_refused_with_advice()
    {
        Assert.Contains("no file or folder", Refused(Path.Combine(_folder.Path, "nowhere")));
        Assert.Contains("unpack it first", Refused(_folder.Put("x.gz", [0x1F, 0x8B, 8, 0])));
        Assert.Contains("the folder they are in", Refused(_folder.Put("x.png", Images.Plain(1, 1))));
        Assert.Contains("data is a folder of images", Refused(_folder.Put("x.txt", "hello"u8.ToArray())));
        Assert.Contains("data is a folder of images", Refused(_folder.Put("empty", [])));
    }

    [Fact]
    public void A_corrupt_image_surfaces_in_the_evaluation_by_name()
    {
        _folder.Put("a.png", Images.Plain(1, 1));
        _folder.Put("b.png", [1, 2, 3]);
        var loader = DataSource.Open(_folder.Path, null, 1);
        Assert.Contains("'b.png'", Assert.Throws<CaliperException>(
            () => Evaluator.Evaluate(new Constant(), null, loader)).Message);
        Assert.Equal(1, Evaluator.Evaluate(new Constant(), null, loader, evalBatches: 1).Samples);
    }

    [Fact]
    public void The_shared_data_opens_as_it_is()
    {
        var cifar = DataSource.Open(SharedFolder.Path("data", "cifar10", "calibration"), Preprocessing.Cifar10, 32);
        Assert.Equal((1024, 32, true), (cifar.SampleCount, cifar.BatchCount, cifar.HasLabels));
        Assert.Equal(Shape.Of(32, 3, 32, 32), cifar.First().Inputs[""].Shape);
        var imagenet = DataSource.Open(
            SharedFolder.Path("data", "imagenet-sample"), Preprocessing.SqueezeNet1_0, 4, new() { Limit = 4 });
        var batch = imagenet.Single();
        Assert.Equal((Shape.Of(4, 3, 227, 227), 4), (batch.Inputs[""].Shape, batch.Labels!.Value.Length));
        Assert.All(batch.SampleNames.Zip(batch.Labels!.Value), s => Assert.Equal(s.Second, int.Parse(s.First[..4])));
        var faces = DataSource.Open(SharedFolder.Path("data", "faces"), Preprocessing.UltraFace, 16);
        Assert.False(faces.HasLabels);
        Assert.Equal(Shape.Of(16, 3, 240, 320), faces.Single().Inputs[""].Shape);
    }

    private sealed class Constant : IModel
    {
        public IReadOnlyList<Value> Inputs => [];

        public IReadOnlyList<Value> Outputs => [new("y", ElementType.Float32, null)];

        public IReadOnlyDictionary<string, Tensor> Run(
            IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellationToken = default) =>
            new Dictionary<string, Tensor> { ["y"] = Tensor.Of(Shape.Of(1, 2), new float[2]) };
    }
}
