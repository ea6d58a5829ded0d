namespace Caliper.Conformance.Docs;

/// <summary>The checkout that the running tests were built from: their documents and samples are tested too.</summary>
internal static class RepositoryFolder
{
    private static readonly string Root = Find();

    /// <summary>The full path of something in the checkout.</summary>
    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Caliper.slnx"))) return folder.FullName;
        }
        throw new InvalidOperationException($"'{AppContext.BaseDirectory}' is not inside a checkout.");
    }
}
