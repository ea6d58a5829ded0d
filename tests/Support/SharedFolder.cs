namespace Caliper.Testing;

/// <summary>
/// Real models, images and reference numbers that are not part of the repository. They lie in a folder named
/// <c>shared</c> beside the checkout; tests that need them are skipped, with the reason, where it is absent.
/// </summary>
internal static class SharedFolder
{
    private static readonly string? Root = Find();

    /// <summary>The full path of something in the folder; skips the running test where it is absent.</summary>
    public static string Path(params string[] parts)
    {
        var relative = System.IO.Path.Combine(parts);
        Assert.SkipWhen(Root is null, $"the folder 'shared' is not beside the checkout ('{relative}' is needed)");
        var path = System.IO.Path.Combine(Root!, relative);
        Assert.SkipUnless(File.Exists(path) || Directory.Exists(path), $"'shared/{relative}' is absent");
        return path;
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(System.IO.Path.Combine(folder.FullName, "Caliper.slnx"))) continue;
            var shared = System.IO.Path.Combine(folder.Parent!.FullName, "shared");
            return Directory.Exists(shared) ? shared : null;
        }
        return null;
    }
}
