import EspalierGraph

extension ProtoSchema {
  /// The messages of graphs and models.
  ///
  /// Source: the files of `tensorflow/core/framework` and `tensorflow/core/protobuf` that the messages are named for.
  package static let graph = ProtoSchema(
    [
      "GraphDef": "node=1:*NodeDef version=3:int versions=4:VersionDef",
      "VersionDef": "producer=1:int min_consumer=2:int bad_consumers=3:*int",
      "NodeDef": "name=1:bytes op=2:bytes input=3:*bytes device=4:bytes attr=5:*AttrEntry",
      "AttrEntry": "key=1:bytes value=2:AttrValue",
      "AttrValue": "list=1:ListValue s=2:bytes i=3:int f=4:float b=5:bool type=6:DataType shape=7:TensorShapeProto "
        + "tensor=8:TensorProto placeholder=9:bytes func=10:NameAttrList",
      "ListValue": "s=2:*bytes i=3:*int f=4:*float b=5:*bool type=6:*DataType shape=7:*TensorShapeProto "
        + "tensor=8:*TensorProto func=9:*NameAttrList",
      "NameAttrList": "name=1:bytes attr=2:*AttrEntry",
      "TensorShapeProto": "dim=2:*Dim unknown_rank=3:bool",
      "Dim": "size=1:int name=2:bytes",
      "TensorProto": "dtype=1:DataType tensor_shape=2:TensorShapeProto version_number=3:int tensor_content=4:bytes "
        + "half_val=13:*int float_val=5:*float double_val=6:*double int_val=7:*int string_val=8:*bytes "
        + "scomplex_val=9:*float int64_val=10:*int bool_val=11:*bool dcomplex_val=12:*double uint32_val=16:*int "
        + "uint64_val=17:*int",
      "SavedModel": "saved_model_schema_version=1:int meta_graphs=2:*MetaGraphDef",
      "MetaGraphDef": "meta_info_def=1:MetaInfoDef graph_def=2:GraphDef saver_def=3:SaverDef "
        + "collection_def=4:*CollectionEntry signature_def=5:*SignatureEntry asset_file_def=6:*AssetFileDef",
      "MetaInfoDef": "meta_graph_version=1:bytes tags=4:*bytes tensorflow_version=5:bytes "
        + "tensorflow_git_version=6:bytes stripped_default_attrs=7:bool",
      "SaverDef": "filename_tensor_name=1:bytes save_tensor_name=2:bytes restore_op_name=3:bytes max_to_keep=4:int "
        + "sharded=5:bool keep_checkpoint_every_n_hours=6:float version=7:SaverVersion",
      "CollectionEntry": "key=1:bytes value=2:CollectionDef",
      "CollectionDef": "node_list=1:BytesList bytes_list=2:BytesList",
      "BytesList": "value=1:*bytes",
      "SignatureEntry": "key=1:bytes value=2:SignatureDef",
      "SignatureDef": "inputs=1:*InfoEntry outputs=2:*InfoEntry method_name=3:bytes",
      "InfoEntry": "key=1:bytes value=2:TensorInfo",
      "TensorInfo": "name=1:bytes dtype=2:DataType tensor_shape=3:TensorShapeProto",
      "AssetFileDef": "tensor_info=1:TensorInfo filename=2:bytes",
    ],
    enumerations: ["DataType": dataTypes, "SaverVersion": ["LEGACY": 0, "V1": 1, "V2": 2]])

  private static let dataTypes: [String: Int64] = {
    let names = [
      "INVALID", "FLOAT", "DOUBLE", "INT32", "UINT8", "INT16", "INT8", "STRING", "COMPLEX64", "INT64", "BOOL", "QINT8",
      "QUINT8", "QINT32", "BFLOAT16", "QINT16", "QUINT16", "UINT16", "COMPLEX128", "HALF", "RESOURCE", "VARIANT",
      "UINT32", "UINT64",
    ]
    var result: [String: Int64] = [:]
    for (number, name) in names.enumerated() {
      result["DT_" + name] = Int64(number)
      if number > 0 { result["DT_\(name)_REF"] = Int64(100 + number) }
    }
    return result
  }()
}
