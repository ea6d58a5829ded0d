using Caliper.Graphs;

namespace Caliper.Imaging.Tests;

public sealed class ImageFolderTests : IDisposable
{
    private static readonly Preprocessing s_levels = new() { Scale = 1 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private ImageFolder Open(int batchSize = 2, Preprocessing? preprocessing = null) =>
        ImageFolder.Open(_folder.Path, preprocessing ?? s_levels, batchSize);

    [Fact]
    public void Class_folders_are_numbered_in_ordinal_order()
    {
        // Ordinal order puts capitals first and does not care for any language.
        _folder.Put("zebra/1.png", Images.Plain(1, 1, red: 1));
        _folder.Put("Zoo/a.png", Images.Plain(1, 1, red: 2));
        _folder.Put("ant/b.PNG", Images.Plain(1, 1, red: 3));
        _folder.Put("ant/B.png", Images.Plain(1, 1, red: 4));
        var loader = Open(3);
        Assert.Equal(["Zoo", "ant", "zebra"], loader.ClassNames);
        Assert.Equal((4, 2, true, new ImageSize(1)), (loader.SampleCount, loader.BatchCount, loader.HasLabels, loader.ImageSize));
        var batches = loader.ToList();
        Assert.Equal(["Zoo/a.png", "ant/B.png", "ant/b.PNG", "zebra/1.png"], batches.SelectMany(b => b.SampleNames));
        Assert.Equal([0, 1, 1, 2], batches.SelectMany(b => b.Labels!.Value));
        Assert.Equal(Shape.Of(3, 3, 1, 1), batches[0].Inputs[""].Shape);
        Assert.Equal([2, 20, 30, 4, 20, 30, 3, 20, 30], batches[0].Floats());
        Assert.Equal([1, 20, 30], batches[1].Floats());
    }

    [Fact]
    public void An_image_in_memory_becomes_the_numbers_of_its_file()
    {
        var preprocessing = new Preprocessing { ShortSide = 6, Crop = new(4), Mean = [0.4f, 0.5f, 0.6f], Std = [0.2f, 0.3f, 0.4f] };
        var bytes = Images.Encode(9, 7, (x, y) => new((byte)(20 * x), (byte)(30 * y), (byte)(x * y)));
        _folder.Put("a.png", bytes);
        var input = preprocessing.Apply(bytes);
        Assert.Equal(Shape.Of(1, 3, 4, 4), input.Shape);
        Assert.Equal(Open(1, preprocessing).Single().Floats(), input.Span<float>().ToArray());
        var error = Assert.Throws<CaliperException>(() => preprocessing.Apply([1, 2, 3], "upload.jpg"));
        Assert.Contains("'upload.jpg'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flat_folder_has_no_labels_and_litter_is_passed_over()
    {
        _folder.Put("2.png", Images.Plain(1, 1, red: 2));
        _folder.Put("10.png", Images.Plain(1, 1, red: 10));
        foreach (var litter in new[] { ".DS_Store", "Thumbs.db", "desktop.ini", ".cache/x", "__MACOSX/2.png" })
            _folder.Put(litter, "litter");
        var batch = Open().Single();
        Assert.Null(batch.Labels);
        Assert.Equal(["10.png", "2.png"], batch.SampleNames);
    }

    [Fact]
    public void A_list_of_labels_finds_images_beside_it_and_in_its_images_folder()
    {
        _folder.Put("labels.csv", "\uFEFFFile, Label\r\nb.png,7\r\n\r\n\"a,\"\"1\"\".png\",0\r\nsub\\c.png , 3 \r\n");
        _folder.Put("images/b.png", Images.Plain(1, 1));
        _folder.Put("a,\"1\".png", Images.Plain(1, 1));
        _folder.Put("sub/c.png", Images.Plain(1, 1));
        _folder.Put("notes.txt", "not listed, not read");
        var batch = Open(9).Single();
        Assert.Equal(["a,\"1\".png", "b.png", "sub/c.png"], batch.SampleNames);
        Assert.Equal([0, 7, 3], batch.Labels!.Value);
    }

    [Fact]
    public void Order_and_values_do_not_depend_on_threads()
    {
        for (var i = 0; i < 40; i++) _folder.Put($"{i % 3}/{i}.png", Images.Plain(5, 4, (byte)i, (byte)(2 * i), (byte)(3 * i)));
        var once = ImageFolder.Open(_folder.Path, Preprocessing.Cifar10, 16, threads: 1).ToList();
        foreach (var threads in new int?[] { 4, null })
        {
            var again = ImageFolder.Open(_folder.Path, Preprocessing.Cifar10, 16, threads: threads).ToList();
            Assert.Equal(once.SelectMany(b => b.SampleNames), again.SelectMany(b => b.SampleNames));
            Assert.Equal(once.SelectMany(b => b.Labels!.Value), again.SelectMany(b => b.Labels!.Value));
            Assert.Equal(once.SelectMany(b => b.Floats()), again.SelectMany(b => b.Floats()));
        }
    }

    [Fact]
    public void A_limit_takes_images_of_every_class()
    {
        for (var i = 0; i < 30; i++) _folder.Put($"{i / 10}/{i % 10}.png", Images.Plain(1, 1));
        var loader = ImageFolder.Open(_folder.Path, s_levels, 4, new() { Limit = 6 });
        Assert.Equal((6, 2), (loader.SampleCount, loader.BatchCount));
        Assert.Equal([0, 0, 1, 1, 2, 2], loader.SelectMany(b => b.Labels!.Value));
    }

    /// <summary>One line of two pixels of 16-bit grey: 1 and 255 in the one, 1 and 256 in the other.</summary>
    [Fact]
    public void Grey_that_was_cut_off_is_told_by_the_name_of_its_sample()
    {
        var whole = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAIAAAABEAAAAACB2fwVAAAADUlEQVR42mNgYGT4DwABBwEBcbBRbgAAAABJRU5ErkJggg==");
        var cut = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAIAAAABEAAAAACB2fwVAAAADUlEQVR42mNgYGRkAAAACgAD7/9bqAAAAABJRU5ErkJggg==");
        foreach (var (name, image) in new[] { ("a.png", whole), ("b.png", cut), ("c.png", Images.Plain(2, 1)), ("d.png", cut), ("e.png", cut) })
            _folder.Put(name, image);
        var loader = DataSource.Open(_folder.Path, s_levels, 2, new() { Limit = 4 });
        Assert.Empty(loader.Diagnostics);
        for (var pass = 0; pass < 2; pass++)
        {
            var names = loader.SelectMany(b => b.SampleNames).ToArray();
            Assert.Equal(names.Where(n => n is "b.png" or "d.png" or "e.png"), loader.Diagnostics.Select(d => d.Place));
        }
        Assert.All(loader.Diagnostics, d => Assert.Equal("cut-off-grey", d.Code));
    }

    [Fact]
    public void Of_several_bad_images_the_first_is_reported()
    {
        for (var i = 10; i < 60; i++) _folder.Put($"{i}.png", i % 7 == 6 ? [1, 2, 3] : Images.Plain(1, 1));
        for (var round = 0; round < 5; round++)
            Assert.Contains("'13.png'", Assert.Throws<CaliperException>(() => Open(50).Count()).Message);
    }

    [Fact]
    public void An_image_of_another_size_is_refused_by_name()
    {
        _folder.Put("a.png", Images.Plain(4, 3));
        _folder.Put("b.png", Images.Plain(3, 4));
        Assert.Contains("'b.png' is 3×4, and the first image is 4×3", Assert.Throws<CaliperException>(
            () => Open().Count()).Message);
        Assert.Contains("'a.png' is 4×3, and the network's input is 4×4", Assert.Throws<CaliperException>(
            () => Open(preprocessing: s_levels with { ExpectedSize = new(4) }).Count()).Message);
        Assert.Contains("'b.png' is 3×4, too small for a crop of 4×3", Assert.Throws<CaliperException>(
            () => Open(preprocessing: s_levels with { Crop = new(4, 3) }).Count()).Message);
        Assert.Equal(2, Open(preprocessing: s_levels with { Crop = new(3, 2) }).Single().Count);
        Assert.Equal(2, Open(preprocessing: s_levels with { ResizeTo = new(5, 6) }).Single().Count);
    }

    [Fact]
    public void A_batch_too_large_for_a_tensor_is_refused()
    {
        for (var i = 0; i < 4; i++) _folder.Put($"{i}.png", Images.Plain(1, 1));
        Assert.Contains("lower the batch size", Assert.Throws<CaliperException>(
            () => Open(4, s_levels with { ResizeTo = new(9000) })).Message);
        Assert.Contains("batch size", Assert.Throws<CaliperException>(() => Open(0)).Message);
        Assert.Contains("threads", Assert.Throws<CaliperException>(
            () => ImageFolder.Open(_folder.Path, s_levels, 1, threads: 0)).Message);
    }
}
