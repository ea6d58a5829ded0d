using System.Collections.Immutable;

namespace Caliper.Imaging;

/// <summary>The images of a folder in a fixed order, found by names alone: nothing is decoded.</summary>
/// <param name="Files">The images; all have a label or none has.</param>
/// <param name="ClassNames">Names of the class folders by class index; empty where there are none.</param>
internal sealed record ImageListing(ImmutableArray<ImageFile> Files, ImmutableArray<string> ClassNames)
{
    internal const string LabelsFile = "labels.csv";

    /// <summary>Lists a folder with <c>labels.csv</c>, with a folder for each class, or of images alone.</summary>
    /// <exception cref="CaliperException">The folder is missing or empty, or holds something else or a mixture.</exception>
    public static ImageListing Of(string folder)
    {
        try
        {
            if (!Directory.Exists(folder)) throw new CaliperException($"There is no folder '{folder}'.");
            var csv = Path.Combine(folder, LabelsFile);
            if (File.Exists(csv)) return new(LabelsCsv.Read(csv), []);
            var (folders, files) = Entries(folder);
            if (folders.Length > 0 && files.Length > 0)
                throw new CaliperException($"'{folder}' mixes folders, such as '{folders[0]}', with files, such as '{files[0]}'; "
                    + $"it must hold a folder for each class, or images alone, or images and {LabelsFile}.");
            var listing = folders.Length > 0 ? OfClasses(folder, folders) : new([.. Images(folder, "", files, null)], []);
            return listing.Files.Length > 0 ? listing : throw new CaliperException($"The folder '{folder}' holds no images.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CaliperException($"The folder '{folder}' cannot be read: {e.Message}", e);
        }
    }

    private static ImageListing OfClasses(string folder, string[] classes)
    {
        var files = new List<ImageFile>();
        foreach (var (label, name) in classes.Index())
        {
            var (inner, images) = Entries(Path.Combine(folder, name));
            if (inner.Length > 0)
                throw new CaliperException($"'{name}/{inner[0]}' in '{folder}' is a folder inside a class folder; is the data in "
                    + $"'{Path.Combine(folder, name)}'?");
            if (images.Length == 0)
                throw new CaliperException($"The class folder '{name}' in '{folder}' is empty; remove it or fill it.");
            files.AddRange(Images(folder, name + "/", images, label));
        }
        return new([.. files.OrderBy(f => f.Name, StringComparer.Ordinal)], [.. classes]);
    }

    private static IEnumerable<ImageFile> Images(string folder, string prefix, string[] names, int? label) => names.Select(name =>
        ImageDecoder.Recognizes(name)
            ? new ImageFile(Path.Combine(folder, prefix, name), prefix + name, label)
            : throw new CaliperException($"'{prefix}{name}' in '{folder}' is no image; remove it. Images are told by their extension: "
                + $"{string.Join(", ", ImageDecoder.Extensions)}."));

    /// <summary>Names in a folder, sorted; what file managers leave behind is passed over.</summary>
    private static (string[] Folders, string[] Files) Entries(string folder)
    {
        var entries = new DirectoryInfo(folder).EnumerateFileSystemInfos().Where(e => !IsLitter(e.Name))
            .OrderBy(e => e.Name, StringComparer.Ordinal).ToLookup(e => e is DirectoryInfo, e => e.Name);
        return ([.. entries[true]], [.. entries[false]]);
    }

    private static bool IsLitter(string name) => name.StartsWith('.') || name is "__MACOSX"
        || name.Equals("Thumbs.db", StringComparison.OrdinalIgnoreCase)
        || name.Equals("desktop.ini", StringComparison.OrdinalIgnoreCase);
}
