namespace Caliper.Imaging.Tests;

public sealed class ImageListingTests : IDisposable
{
    private static readonly byte[] s_image = Images.Plain(1, 1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Refused() => Assert.Throws<CaliperException>(() => ImageListing.Of(_folder.Path)).Message;

    [Fact]
    public void An_empty_folder_and_a_missing_one_are_refused()
    {
        Assert.Contains("no images", Refused());
        _folder.Put(".DS_Store", "litter");
        Assert.Contains("no images", Refused());
        Assert.Contains("no folder 'nowhere'", Assert.Throws<CaliperException>(() => ImageListing.Of("nowhere")).Message);
    }

    [Fact]
    public void A_file_that_is_no_image_is_refused_before_anything_is_decoded()
    {
        _folder.Put("a.png", "not decoded");
        _folder.Put("notes.txt", "hello");
        Assert.Contains("'notes.txt'", Refused());
    }

    [Fact]
    public void A_file_that_is_no_image_is_refused_in_a_class_folder_also()
    {
        _folder.Put("cat/a.png", s_image);
        _folder.Put("cat/readme.md", "hello");
        Assert.Contains("'cat/readme.md'", Refused());
    }

    [Fact]
    public void Class_folders_beside_loose_images_are_refused()
    {
        _folder.Put("cat/a.png", s_image);
        _folder.Put("loose.png", s_image);
        Assert.Contains("mixes folders, such as 'cat', with files, such as 'loose.png'", Refused());
    }

    [Fact]
    public void A_folder_above_the_class_folders_is_refused_with_the_place_to_look()
    {
        _folder.Put("test/cat/a.png", s_image);
        Assert.Contains($"is the data in '{Path.Combine(_folder.Path, "test")}'?", Refused());
    }

    [Fact]
    public void An_empty_class_folder_is_refused()
    {
        _folder.Put("cat/a.png", s_image);
        _folder.Put("dog/.keep", "litter");
        Assert.Contains("'dog'", Refused());
    }

    [Theory]
    [InlineData("", "must start with the line 'file,label'")]
    [InlineData("a.png,1\n", "must start with the line 'file,label'")]
    [InlineData("file,label\n", "lists no images")]
    [InlineData("file,label\na.png\n", "line 2: there is no comma")]
    [InlineData("file,label\na.png,1\n\nmissing.png,2\n", "line 4: there is no file 'missing.png'")]
    [InlineData("file,label\na.png,one\n", "line 2: 'one' is no class index")]
    [InlineData("file,label\na.png,-1\n", "line 2: '-1' is no class index")]
    [InlineData("file,label\na.png,1.5\n", "line 2: '1.5' is no class index")]
    [InlineData("file,label\na.png,99999999999\n", "line 2: '99999999999' is no class index")]
    [InlineData("file,label\na.png,1\na.png,1\n", "line 3: 'a.png' is already in line 2")]
    [InlineData("file,label\n../a.png,1\n", "line 2: '../a.png' is no path inside")]
    [InlineData("file,label\n/a.png,1\n", "line 2: '/a.png' is no path inside")]
    [InlineData("file,label\n,1\n", "line 2: '' is no path inside")]
    public void A_wrong_list_of_labels_is_refused_by_line(string text, string message)
    {
        _folder.Put("a.png", s_image);
        _folder.Put("labels.csv", text);
        var refusal = Refused();
        Assert.Contains("labels.csv", refusal);
        Assert.Contains(message, refusal);
    }
}
